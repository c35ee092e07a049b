using LexyHub.Core.Data;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Imports;

/// <summary>Turns the rows of a file into signals.</summary>
internal sealed class SignalReader
{
    private readonly SignalLayout layout;
    private readonly SignalPeriod period;
    private readonly string source;
    private readonly int dayOffset;
    private readonly DateOnly today;
    private readonly ImportTally tally;

    public SignalReader(ImportFile file, SignalLayout layout, SignalImportOptions options, DateOnly today, ImportTally tally)
    {
        this.layout = layout;
        this.today = today;
        this.tally = tally;
        dayOffset = Math.Abs((long)options.DayOffset) <= MaxDayOffset
            ? options.DayOffset
            : throw new ImportException($"The day offset must be between -{MaxDayOffset} and {MaxDayOffset}.");
        var first = SignalImporter.Peek(file);
        period = options.Period ?? layout.Period ?? (layout.Terms.Count > 0 ? Infer(first) : SignalPeriod.Day);
        var isGoogleTrends = layout.IsGoogleTrends || (layout is { Terms.Count: > 0, Period: not null } && first.TrueForAll(LooksLikeAnIndex));
        Scale = options.Scale ?? (isGoogleTrends ? SignalScale.Index : null);
        source = ToSource(options.Source ?? (isGoogleTrends ? SignalImporter.GoogleTrendsExport : SignalImporter.DefaultSource))
            ?? throw new ImportException($"A source must have 1 to {SignalImporter.MaxSourceLength} characters.");
        var shape = layout.Terms.Count > 0 ? $"a column per term ({layout.Terms.Count})" : "a row per reading";
        Description = $"{shape}, by {period.ToString().ToLowerInvariant()}, source {source}";
    }

    private const int MaxDayOffset = 36_600;

    /// <summary>What the values are declared to be; null where that is left to the store.</summary>
    public SignalScale? Scale { get; }

    /// <summary>How the file was understood.</summary>
    public string Description { get; }

    public IEnumerable<SignalRow> Read(CsvRecord record)
    {
        if (!SignalDate.TryParse(record[layout.Date], out var date))
        {
            tally.Skip(record.Line, record[layout.Date].Length == 0 ? "the date is blank" : $"'{record[layout.Date]}' is no date");
            return [];
        }

        var day = date.EndOf(period).AddDays(dayOffset);
        var isPartial = day >= today || record[layout.Partial] is "True" or "true" or "TRUE" or "1";
        return layout.Terms.Count > 0 ? ReadTerms(record, day, isPartial) : ReadOne(record, day, isPartial);
    }

    private IEnumerable<SignalRow> ReadOne(CsvRecord record, DateOnly day, bool isPartial)
    {
        var term = TermText.Normalize(record[layout.Term]);
        var rowSource = record[layout.Source] is { Length: > 0 } named ? ToSource(named) : source;
        var problem = term.Length == 0 ? "the term is blank"
            : term.Length > KeywordImporter.MaxTermLength ? $"the term has {term.Length} characters; {KeywordImporter.MaxTermLength} are allowed"
            : rowSource is null ? $"the source is longer than {SignalImporter.MaxSourceLength} characters"
            : record[layout.Score].Length == 0 ? "the score is blank"
            : null;
        if (problem is not null)
        {
            tally.Skip(record.Line, problem);
        }
        else if (isPartial)
        {
            tally.Partial++;
        }
        else if (ReadValue(record, layout.Score) is { } value)
        {
            yield return new SignalRow(record.Line, new Signal(term, rowSource!, day, value, Scale ?? default));
        }
    }

    private IEnumerable<SignalRow> ReadTerms(CsvRecord record, DateOnly day, bool isPartial)
    {
        if (record.Cells.Length <= layout.Terms.Max(column => column.Position))
        {
            tally.Skip(record.Line, $"the row has {record.Cells.Length} cells, fewer than the header");
        }

        foreach (var column in layout.Terms)
        {
            // Blank is no reading, which is not the same as 0.
            if (record[column.Position].Length == 0)
            {
                continue;
            }

            if (isPartial)
            {
                tally.Partial++;
            }
            else if (ReadValue(record, column.Position) is { } value)
            {
                var name = column is { IsShared: true, Region: { } region } ? $"{source}/{region}" : source;
                yield return new SignalRow(record.Line, new Signal(column.Term, name, day, value, Scale ?? default));
            }
        }
    }

    private double? ReadValue(CsvRecord record, int column)
    {
        var text = record[column];
        if (SignalValue.Parse(text) is not { } value)
        {
            tally.Skip(record.Line, $"'{text}' is no number");
            return null;
        }

        if (SignalValue.Problem(value, Scale) is { } problem)
        {
            tally.Skip(record.Line, $"{text} {problem}");
            return null;
        }

        return value;
    }

    // The usual distance of the first dates; a gap among them does not count.
    private SignalPeriod Infer(List<CsvRecord> first)
    {
        var days = first
            .Where(record => SignalDate.TryParse(record[layout.Date], out _))
            .Select(record => SignalDate.TryParse(record[layout.Date], out var date) ? date.Day : default)
            .ToList();
        var gaps = days.Zip(days.Skip(1), (a, b) => Math.Abs(b.DayNumber - a.DayNumber)).Order().ToList();
        return gaps.Count == 0 ? SignalPeriod.Day : gaps[gaps.Count / 2] switch
        {
            7 => SignalPeriod.Week,
            >= 28 and <= 31 when days.TrueForAll(day => day.Day == 1) => SignalPeriod.Month,
            _ => SignalPeriod.Day,
        };
    }

    private bool LooksLikeAnIndex(CsvRecord record)
        => layout.Terms.All(column => record[column.Position] is "" or "<1"
            || (int.TryParse(record[column.Position], System.Globalization.CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 100));

    private static string? ToSource(string text)
        => TermText.Normalize(text) is { Length: > 0 and <= SignalImporter.MaxSourceLength } name ? name : null;
}
