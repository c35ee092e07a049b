using LexyHub.Core.Data;

namespace LexyHub.Core.Imports;

internal sealed record KeywordRow(long Line, NewKeyword Keyword) : IImportRow;

/// <summary>Imports keywords. Those that are there already, by the normal form of the term, market and source, stay as they are.</summary>
public sealed class KeywordImporter(LexyHubDatabase database)
{
    /// <summary>Characters of a term, of a market and of a source.</summary>
    public const int MaxTermLength = KeywordStore.MaxLength;

    private const int BatchSize = 5_000;
    private const int RowsBetweenReports = 20_000;

    private static readonly KnownColumn[] Known =
    [
        new("term", "keyword", "keywords", "query", "search term", "search query", "phrase", "text"),
        new("market"),
        new("source"),
    ];

    /// <param name="input">Read from where it stands; not closed.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <exception cref="ImportException">No column holds terms, or an option is no valid one.</exception>
    /// <exception cref="DatabaseException">The database is not usable; batches committed before stay in.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; batches committed before stay in.</exception>
    public async Task<ImportReport> ImportAsync(
        Stream input, KeywordImportOptions options, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var market = Default(options.Market, nameof(options.Market));
        var source = Default(options.Source, nameof(options.Source));
        var tally = new ImportTally(progress);
        await using var file = await ImportFile.OpenAsync(input, options, tally, cancellationToken);
        var columns = ReadColumns(file, options);
        var store = await KeywordStore.ProbeAsync(database, cancellationToken);
        var writer = new BatchWriter<KeywordRow>(database, file, tally, BatchSize, async (connection, rows, token) =>
        {
            var added = await store.InsertAsync(connection, [.. rows.Select(row => row.Keyword)], token);
            return new BatchCounts(added, 0, rows.Count - added);
        });
        var seen = new SeenKeys();
        while (file.Read() is { } record)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tally.Read++;
            if (tally.Read % RowsBetweenReports == 0)
            {
                tally.ReportProgress(file);
            }

            if (ToRow(record, columns, market, source, tally) is not { } row)
            {
                continue;
            }

            if (seen.Add(row.Keyword.Normal, row.Keyword.Market, row.Keyword.Source))
            {
                await writer.AddAsync(row, cancellationToken);
            }
            else
            {
                tally.Repeated();
            }
        }

        await writer.FlushAsync(cancellationToken);
        return tally.ToReport(file);
    }

    private static ColumnMap ReadColumns(ImportFile file, KeywordImportOptions options)
    {
        var given = options.Columns is { } names ? new ColumnMap(names, Known) : null;
        if (given is not null && !given.Has("term"))
        {
            throw new ImportException($"None of the columns {string.Join(", ", options.Columns!)} is called term.");
        }

        if (file.Read() is not { } first)
        {
            return given ?? new ColumnMap(["term"], Known);
        }

        var header = new ColumnMap(first.Cells, Known);
        if (options.HasHeader ?? header.Has("term"))
        {
            return given ?? (header.Has("term")
                ? header
                : throw new ImportException($"The header names no column with terms: it has {string.Join(", ", first.Cells)}. "
                    + "Name it term (or keyword, query, phrase), or say what the columns are (term,market,source)."));
        }

        // Without a header the first column is the term and nothing else is guessed: a second one may be anything.
        file.Return([first]);
        return given ?? new ColumnMap(["term"], Known);
    }

    private static KeywordRow? ToRow(CsvRecord record, ColumnMap columns, string market, string source, ImportTally tally)
    {
        var term = StorableText.ToSingleSpaces(record[columns["term"]]);
        var normal = TermText.Normalize(term);
        var rowMarket = Or(record[columns["market"]], market);
        var rowSource = Or(record[columns["source"]], source);
        var problem = term.Length == 0 || normal.Length == 0 ? "the term is blank"
            : term.Length > MaxTermLength ? $"the term has {term.Length} characters; {MaxTermLength} are allowed"
            : rowMarket.Length > MaxTermLength || rowSource.Length > MaxTermLength ? $"market or source is longer than {MaxTermLength} characters"
            : null;
        if (problem is not null)
        {
            tally.Skip(record.Line, problem);
            return null;
        }

        return new KeywordRow(record.Line, new NewKeyword(term, normal, rowMarket, rowSource));
    }

    private static string Or(string cell, string fallback)
        => cell.Length == 0 ? fallback : TermText.Normalize(cell) is { Length: > 0 } value ? value : fallback;

    private static string Default(string value, string name)
        => TermText.Normalize(value) is { Length: > 0 and <= MaxTermLength } normal
            ? normal
            : throw new ImportException($"{name} must have 1 to {MaxTermLength} characters.");
}
