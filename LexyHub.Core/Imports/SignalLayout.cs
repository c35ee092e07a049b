using System.Text.RegularExpressions;
using LexyHub.Core.Data;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Imports;

/// <summary>How a file of signals is laid out: a row per reading, or a column per term.</summary>
/// <param name="Term">Column of the term; −1 where each term has a column.</param>
/// <param name="Source">Column of the source, −1 for none.</param>
/// <param name="Score">Column of the value; −1 where each term has a column.</param>
/// <param name="Partial">Column that flags a period that is not over, −1 for none.</param>
/// <param name="Terms">The columns of terms.</param>
/// <param name="IsGoogleTrends">The file is an export of Google Trends, or of a program that reads it.</param>
/// <param name="Period">What a date stands for, as far as names tell it.</param>
internal sealed partial record SignalLayout(
    int Term, int Source, int Date, int Score, int Partial, IReadOnlyList<TermColumn> Terms, bool IsGoogleTrends, SignalPeriod? Period)
{
    /// <summary>A title, a category, a blank line: exports begin with a few lines of them.</summary>
    private const int MaxPreambleRows = 10;

    private static readonly KnownColumn TermColumnNames = new("term", "keyword", "query", "search term", "search query", "phrase", "title");

    private static readonly KnownColumn[] Known =
    [
        TermColumnNames,
        new("source"),
        new("date", "recorded on", "recorded at", "timestamp", "time", "ds", "day", "jour", "tag", "día", "dia", "giorno", "dag",
            "week", "week start", "semaine", "woche", "semana", "settimana",
            "month", "mois", "monat", "mes", "mês", "mese", "maand"),
        new("score", "value", "interest", "index", "hits", "count", "trend score"),
        new("partial", "is partial", "ispartial"),
    ];

    private static readonly KnownColumn Days = new("day", "jour", "tag", "día", "dia", "giorno", "dag");
    private static readonly KnownColumn Weeks = new("week", "week start", "semaine", "woche", "semana", "settimana");
    private static readonly KnownColumn Months = new("month", "mois", "monat", "mes", "mês", "mese", "maand");

    /// <summary>Finds the header, skipping what comes before it, and leaves the file at its first row.</summary>
    /// <exception cref="ImportException">No way to read the file as signals.</exception>
    public static SignalLayout Read(ImportFile file, SignalImportOptions options)
    {
        if (options.Columns is { } names)
        {
            var given = FromNames(names, hasPreamble: false)
                ?? throw new ImportException($"The columns {string.Join(", ", names)} are not enough: a file of signals has term, date and score.");
            SkipHeader(file, options);
            return given;
        }

        var preamble = new List<CsvRecord>();
        while (preamble.Count <= MaxPreambleRows && file.Read() is { } record)
        {
            if (options.HasHeader != false && FromNames(record.Cells, preamble.Count > 0) is { } layout)
            {
                return layout;
            }

            if (preamble.Count == 0 && options.HasHeader != true && FromFirstRow(record) is { } headless)
            {
                file.Return([record]);
                return headless;
            }

            preamble.Add(record);
        }

        if (preamble.Count == 0)
        {
            return new SignalLayout(0, -1, 1, 2, -1, [], false, null);
        }

        var widest = preamble.MaxBy(record => record.Cells.Length)!;
        throw new ImportException(
            $"No row names the columns of signals: line {widest.Line} has {string.Join(", ", widest.Cells.Take(10))}. "
                + "Expected are term, date and score (and source), or a date and a column per term, as Google Trends exports it.");
    }

    private static void SkipHeader(ImportFile file, SignalImportOptions options)
    {
        if (file.Read() is { } first && !(options.HasHeader ?? FromNames(first.Cells, hasPreamble: false) is not null))
        {
            file.Return([first]);
        }
    }

    private static SignalLayout? FromNames(IReadOnlyList<string> names, bool hasPreamble)
    {
        var columns = new ColumnMap(names, Known);
        // The export of the yoga series has no name above its dates: "Time" is the first column then.
        var date = columns.Has("date") ? columns["date"] : -1;
        if (date < 0)
        {
            return null;
        }

        var period = PeriodOf(ColumnMap.ToName(names[date]));
        if (columns.Has("term") && columns.Has("score"))
        {
            return new SignalLayout(columns["term"], columns["source"], date, columns["score"], columns["partial"], [], false, period);
        }

        // A file with terms but without a score, or with countries and holidays beside the date, has no column per term.
        if (columns.Has("term") || date != 0)
        {
            return null;
        }

        var terms = TermColumns(names, [date, columns["partial"]]);
        var isGoogleTrends = terms.Any(term => term.Region is not null) || columns.Has("partial") || (hasPreamble && period is not null);
        return terms.Count == 0 ? null : new SignalLayout(-1, -1, date, -1, columns["partial"], terms, isGoogleTrends, period);
    }

    private static SignalPeriod? PeriodOf(string name)
        => Days.IsCalled(name) ? SignalPeriod.Day
        : Weeks.IsCalled(name) ? SignalPeriod.Week
        : Months.IsCalled(name) ? SignalPeriod.Month
        : null;

    // Without a header the place of the date tells: term,date,score · term,source,date,score · date,term,score.
    private static SignalLayout? FromFirstRow(CsvRecord first)
    {
        var date = Enumerable.Range(0, Math.Min(first.Cells.Length, 3)).FirstOrDefault(i => SignalDate.TryParse(first[i], out _), -1);
        var (term, source, score) = (date, first.Cells.Length) switch
        {
            (0, >= 3) => (1, -1, 2),
            (1, >= 3) => (0, -1, 2),
            (2, >= 4) => (0, 1, 3),
            _ => (-1, -1, -1),
        };
        return term >= 0 && SignalValue.Parse(first[score]) is not null
            ? new SignalLayout(term, source, date, score, -1, [], false, null)
            : null;
    }

    // Two columns of one term differ by their region, and have a series each.
    private static List<TermColumn> TermColumns(IReadOnlyList<string> names, int[] others)
    {
        var columns = new List<TermColumn>();
        foreach (var (position, name) in names.Index())
        {
            if (Array.IndexOf(others, position) >= 0)
            {
                continue;
            }

            var match = Region().Match(name.Trim());
            var term = TermText.Normalize(match.Success ? match.Groups["term"].Value : name);
            var region = match.Success ? TermText.Normalize(match.Groups["region"].Value) : null;
            if (term.Length is > 0 and <= KeywordImporter.MaxTermLength
                && !columns.Exists(column => column.Term == term && column.Region == region))
            {
                columns.Add(new TermColumn(position, term, region, false));
            }
        }

        return [.. columns.Select(column => column with { IsShared = columns.Count(other => other.Term == column.Term) > 1 })];
    }

    /// <summary>"pizza: (United States)" in Google's export, "pizza@US-NY" in pytrends' examples.</summary>
    [GeneratedRegex("""^(?<term>.+?)(?:: ?\((?<region>[^()]*(?:\([^()]*\)[^()]*)*)\)|@(?<region>[A-Z]{2}(?:-[A-Z0-9]{1,3})?))$""")]
    private static partial Regex Region();
}

/// <summary>A column that holds the readings of one term.</summary>
/// <param name="Term">In normal form.</param>
/// <param name="Region">As named behind the term, in normal form.</param>
/// <param name="IsShared">Another column has the same term for another region.</param>
internal sealed record TermColumn(int Position, string Term, string? Region, bool IsShared);
