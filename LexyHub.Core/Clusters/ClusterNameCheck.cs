using System.Buffers;
using System.Text.Json;

namespace LexyHub.Core.Clusters;

/// <summary>Checks what a model wrote: its words come from keywords that anybody may have put in.</summary>
internal static class ClusterNameCheck
{
    private const int MaxLabel = 60;
    private const int MaxLabelWords = 6;
    private const int MaxDescription = 300;

    private static readonly SearchValues<char> Markup = SearchValues.Create("<>{}[]|\\`");

    /// <returns>The fit names, and for each other cluster why it has none.</returns>
    public static (IReadOnlyDictionary<int, ModelName> Names, IReadOnlyDictionary<int, string> Failures) Read(
        string text, IReadOnlyCollection<ClusterToName> clusters)
    {
        var names = new Dictionary<int, ModelName>();
        var failures = clusters.ToDictionary(cluster => cluster.Number, _ => "The model left it out.");
        Group?[] groups;
        try
        {
            groups = JsonSerializer.Deserialize<Answer>(text, JsonSerializerOptions.Web)?.Groups ?? [];
        }
        catch (JsonException)
        {
            return (names, clusters.ToDictionary(cluster => cluster.Number, _ => "The model's answer is not the JSON that was asked for."));
        }

        // An id that was not asked for names nothing; of two for the same id the first counts.
        foreach (var group in groups.OfType<Group>().Where(group => failures.ContainsKey(group.Id) && !names.ContainsKey(group.Id)))
        {
            if (FindFault(group) is { } fault)
            {
                failures[group.Id] = fault;
            }
            else
            {
                names[group.Id] = new ModelName(Tidy(group.Label), Tidy(group.Description), (float)group.Confidence);
            }
        }

        foreach (var number in names.Keys)
        {
            failures.Remove(number);
        }

        return (names, failures);
    }

    private static string? FindFault(Group group)
    {
        var label = Tidy(group.Label);
        return label.Length is 0 or > MaxLabel || LabelWords.Split(label).Length > MaxLabelWords || !label.Any(char.IsLetter) || HasMarkup(label)
                ? $"The model's label is no plain name of at most {MaxLabelWords} words and {MaxLabel} characters."
            : Tidy(group.Description) is { Length: 0 or > MaxDescription } || HasMarkup(Tidy(group.Description))
                ? $"The model's description is no plain sentence of at most {MaxDescription} characters."
            : group.Confidence is >= 0 and <= 1 ? null : "The model's confidence is not from 0 to 1.";
    }

    private static bool HasMarkup(string text)
        => text.AsSpan().ContainsAny(Markup) || text.Contains("://", StringComparison.Ordinal) || text.Any(char.IsControl);

    private static string Tidy(string? text)
        => string.Join(' ', (text ?? "").Trim().Trim('"', '“', '”', '.').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private sealed record Answer(Group?[]? Groups);

    private sealed record Group(int Id, string? Label, string? Description, double Confidence);
}
