using System.Text;
using CsvHelper;

namespace LexyHub.Core.Intents;

/// <summary>A phrase with the label that a person gave it by <c>Labels/README.md</c>.</summary>
/// <param name="Source">Where the phrase comes from; empty where the file does not say.</param>
public sealed record LabelledPhrase(string Text, PurchaseIntent Intent, PurchaseStage? Stage, string Source)
{
    /// <summary>The phrases that ship with the code, with which the lexicon is written, weighed and calibrated.</summary>
    public static IReadOnlyList<LabelledPhrase> ReadShipped() => Open("labels.csv");

    /// <summary>Phrases that came later, by which no word of the lexicon was chosen: what is measured on them, weights left out fold by fold, is not too good.</summary>
    public static IReadOnlyList<LabelledPhrase> ReadLater() => Open("later.csv");

    /// <summary>The phrases by which the lexicon is scored when it is settled; nothing is fitted to them.</summary>
    public static IReadOnlyList<LabelledPhrase> ReadHeld() => Open("held.csv");

    /// <param name="reader">CSV with the columns <c>text</c> and <c>intent</c>, and <c>purchaseStage</c> and <c>source</c> where there are any.</param>
    /// <exception cref="InvalidDataException">Names the record and what is wrong with it.</exception>
    public static IReadOnlyList<LabelledPhrase> Read(TextReader reader)
    {
        using var csv = CsvReader.Create(reader, new CsvReaderOptions { Separator = ',', HasHeader = false }, leaveOpen: true);
        var header = NextRow(csv)?.Select(name => name.TrimStart('\uFEFF').Trim()).ToList() ?? [];
        var (text, intent, stage, source) = (header.IndexOf("text"), header.IndexOf("intent"), header.IndexOf("purchaseStage"), header.IndexOf("source"));
        if (text < 0 || intent < 0)
            throw new InvalidDataException("The first line must name the columns text and intent, between commas.");

        var phrases = new List<LabelledPhrase>();
        while (NextRow(csv) is { } row)
        {
            string Cell(int column) => column >= 0 && column < row.Length ? row[column].Trim() : "";
            InvalidDataException Fault(string what) => new($"Record {phrases.Count + 1} {what}.");
            phrases.Add(new LabelledPhrase(
                Cell(text) is { Length: > 0 } words ? words : throw Fault("has no text"),
                IntentTaxonomy.ParseIntent(Cell(intent)) ?? throw Fault($"has an intent that is none of {string.Join(", ", IntentTaxonomy.Intents)}"),
                Cell(stage) is { Length: > 0 } word
                    ? IntentTaxonomy.ParseStage(word) ?? throw Fault($"has a purchaseStage that is none of {string.Join(", ", IntentTaxonomy.Stages)}")
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
