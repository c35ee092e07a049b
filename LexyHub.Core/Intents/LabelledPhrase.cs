using System.Text;
using CsvHelper;
using LexyHub.Core.Imports;

namespace LexyHub.Core.Intents;

/// <summary>A phrase with the label that a person gave it by <c>Labels/README.md</c>.</summary>
/// <param name="Source">Where the phrase comes from; empty where the file does not say.</param>
public sealed record LabelledPhrase(string Text, PurchaseIntent Intent, PurchaseStage? Stage, string Source)
{
    /// <summary>A file that holds more is taken for another one: each phrase costs tokens, and a thousand make as good a map.</summary>
    public const int MostPhrases = 20_000;

    /// <summary>The phrases that ship with the code, with which the lexicon is written, weighed and calibrated.</summary>
    public static IReadOnlyList<LabelledPhrase> ReadShipped() => Open("labels.csv");

    /// <summary>Phrases that came later, by which few words of the lexicon were chosen: cross-validation on them is a fair forecast.</summary>
    public static IReadOnlyList<LabelledPhrase> ReadLater() => [.. Open("later.csv"), .. Open("more.csv")];

    /// <summary>The phrases by which the lexicon is scored when it is settled; nothing is fitted to them.</summary>
    public static IReadOnlyList<LabelledPhrase> ReadHeld() => Open("held.csv");

    /// <param name="reader">CSV with the columns <c>text</c> and <c>intent</c>, and <c>purchaseStage</c> and <c>source</c> where there are any;
    /// commas, semicolons or tabs between them, whatever the case of the names and labels.</param>
    /// <exception cref="InvalidDataException">Names the record and what is wrong with it, or there are more than <see cref="MostPhrases"/>.</exception>
    public static IReadOnlyList<LabelledPhrase> Read(TextReader reader) => Read(reader, MostPhrases);

    /// <param name="textColumn">The column of the texts, or of what stands for them.</param>
    internal static IReadOnlyList<LabelledPhrase> Read(TextReader reader, int most, string textColumn = "text")
    {
        // A quote that is never closed would take the rest of the file for one cell.
        using var feed = new RecordFeed(reader, delimiter: null, (line, what) => throw new InvalidDataException($"Line {line}: {what}."));
        using var csv = CsvReader.Create(feed, new CsvReaderOptions { Separator = feed.Delimiter, HasHeader = false }, leaveOpen: true);
        var header = NextRow(csv)?.Select(name => name.TrimStart('\uFEFF').Trim()).ToList() ?? [];
        int ColumnOf(string name) => header.FindIndex(one => one.Equals(name, StringComparison.OrdinalIgnoreCase));
        var (text, intent, stage, source) = (ColumnOf(textColumn), ColumnOf("intent"), ColumnOf("purchaseStage"), ColumnOf("source"));
        if (text < 0 || intent < 0)
            throw new InvalidDataException($"The first line must name the columns {textColumn} and intent.");

        var phrases = new List<LabelledPhrase>();
        while (NextRow(csv) is { } row)
        {
            string Cell(int column) => column >= 0 && column < row.Length ? row[column].Trim() : "";
            if (phrases.Count == most)
                throw new InvalidDataException($"There are more than {most} records. A thousand labelled phrases are enough.");

            InvalidDataException Fault(string what) => new($"Record {phrases.Count + 1} {what}.");
            phrases.Add(new LabelledPhrase(
                Cell(text) is { Length: > 0 } words ? words : throw Fault("has no text"),
                IntentTaxonomy.ParseIntent(Cell(intent).ToLowerInvariant()) ?? throw Fault($"has an intent that is none of {string.Join(", ", IntentTaxonomy.Intents)}"),
                Cell(stage) is { Length: > 0 } word
                    ? IntentTaxonomy.ParseStage(word.ToLowerInvariant()) ?? throw Fault($"has a purchaseStage that is none of {string.Join(", ", IntentTaxonomy.Stages)}")
                    : null,
                Cell(source)));
        }

        return phrases;
    }

    private static IReadOnlyList<LabelledPhrase> Open(string name)
    {
        using var stream = typeof(LabelledPhrase).Assembly.GetManifestResourceStream($"intents/{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Read(reader);
    }

    private static string[]? NextRow(CsvReader csv)
        => csv.Read() ? [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)] : null;
}
