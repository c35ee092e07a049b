using System.Security.Cryptography;
using System.Text;
using LexyHub.Core.Intents;

namespace LexyHub.Benchmarks.Intents;

/// <summary>
/// Labels of queries that the repository does not hold: of each it has the beginning of the text's SHA-256. The texts are in a file of
/// <c>LEXYHUB_DATA</c>; where to get it says <c>Labels/README.md</c>.
/// </summary>
internal static class OtherQueries
{
    public const string FileName = "adthena_candidate_test_set.txt";
    private const int HashDigits = 16;

    /// <summary>Whether the texts are at hand.</summary>
    public static bool IsAtHand => File.Exists(PathOfTexts());

    /// <param name="labels">CSV with the columns <c>hash</c>, <c>intent</c> and perhaps <c>purchaseStage</c>.</param>
    /// <exception cref="FileNotFoundException">The texts are not at hand.</exception>
    /// <exception cref="InvalidDataException">A label is of no query of the file.</exception>
    public static IReadOnlyList<LabelledPhrase> Read(TextReader labels)
    {
        if (!IsAtHand)
            throw new FileNotFoundException($"The labels are of queries in {FileName}, which is not in LEXYHUB_DATA. Labels/README.md says where it is from.");

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(PathOfTexts(), Encoding.UTF8))
        {
            var text = Normalise(line);
            texts[HashOf(text)] = text;
        }

        return [.. LabelledPhrase.Read(labels, int.MaxValue, "hash").Select(label => label with
        {
            Text = texts.TryGetValue(label.Text, out var text) ? text : throw new InvalidDataException($"{FileName} has no query with the hash {label.Text}: it is another file."),
        })];
    }

    /// <returns>The first digits of the SHA-256 of a normalised text.</returns>
    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];

    /// <summary>In lower case, one space between words, without quotes around it.</summary>
    private static string Normalise(string line) => string.Join(' ', line.Trim().Trim('"').ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The held ones, which nothing was fitted to.</summary>
    public static IReadOnlyList<LabelledPhrase> ReadSealed()
    {
        using var labels = new StreamReader(typeof(OtherQueries).Assembly.GetManifestResourceStream("sealed.csv")!);
        return Read(labels);
    }

    private static string PathOfTexts() => Path.Combine(Environment.GetEnvironmentVariable("LEXYHUB_DATA") ?? ".", FileName);
}
