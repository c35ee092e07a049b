using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LexyHub.Core.Clusters;

/// <summary>Checks what a model wrote: its words come from keywords that anybody may have put in.</summary>
internal static partial class ClusterNameCheck
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
        JsonElement[] groups;
        try
        {
            groups = JsonSerializer.Deserialize<Answer>(text, JsonSerializerOptions.Web)?.Groups ?? [];
        }
        catch (JsonException)
        {
            return (names, clusters.ToDictionary(cluster => cluster.Number, _ => "The model's answer is not the JSON that was asked for."));
        }

        // Read one by one: a group that is malformed costs the others nothing.
        foreach (var element in groups)
        {
            // An id that was not asked for names nothing; of two fit names for the same id the first counts.
            if (TryRead<Identified>(element)?.Id is not { } id || !failures.ContainsKey(id) || names.ContainsKey(id))
            {
                continue;
            }

            if (TryRead<Group>(element) is not { } group)
            {
                failures[id] = "The model's answer for it is not the JSON that was asked for.";
            }
            else if (FindFault(group) is { } fault)
            {
                failures[id] = fault;
            }
            else
            {
                names[id] = new ModelName(Tidy(group.Label), Tidy(group.Description), (float)group.Confidence!);
            }
        }

        foreach (var number in names.Keys)
        {
            failures.Remove(number);
        }

        return (names, failures);
    }

    private static T? TryRead<T>(JsonElement element)
        where T : class
    {
        try
        {
            return element.Deserialize<T>(JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
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
        => text.AsSpan().ContainsAny(Markup) || text.Any(char.IsControl) || Address().IsMatch(text);

    // Wide on purpose, as programs that make links of what looks like one: "dr.martens" is taken for an address, "e.g." and "0.5" are not.
    [GeneratedRegex(@"://|[\p{L}\p{N}]\.\p{L}{2}|([0-9]+\.){3}[0-9]", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    private static string Tidy(string? text)
        => string.Join(' ', (text ?? "").Trim().Trim('"', '“', '”', '.').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private sealed record Answer(JsonElement[]? Groups);

    private sealed record Identified(int? Id);

    private sealed record Group(string? Label, string? Description, double? Confidence);
}
