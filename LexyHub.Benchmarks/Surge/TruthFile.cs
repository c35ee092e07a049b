using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LexyHub.Benchmarks.Surge;

/// <summary>Days on which something happened, both included.</summary>
internal readonly record struct DayRange(DateOnly From, DateOnly To)
{
    public bool Touches(DayRange other) => From <= other.To && other.From <= To;
}

/// <summary>What <c>truth.csv</c> says of one series.</summary>
internal sealed record SeriesTruth(string Series, IReadOnlyList<DayRange> Events, IReadOnlyList<DayRange> Ignored)
{
    /// <summary>First part of the name.</summary>
    public string Family => Series[..Series.IndexOf('/', StringComparison.Ordinal)];
}

/// <summary>The dated facts, and which half a series is in; see <c>README.md</c> beside this file.</summary>
internal static class TruthFile
{
    public static IReadOnlyList<SeriesTruth> Read()
    {
        using var stream = typeof(TruthFile).Assembly.GetManifestResourceStream("truth.csv")
            ?? throw new InvalidOperationException("truth.csv is not embedded.");
        using var reader = new StreamReader(stream);
        var series = new Dictionary<string, (List<DayRange> Events, List<DayRange> Ignored)>(StringComparer.Ordinal);
        foreach (var row in CsvText.Rows(reader.ReadToEnd()).Skip(1))
        {
            if (!series.TryGetValue(row[0], out var ranges))
            {
                series[row[0]] = ranges = ([], []);
            }

            switch (row[1])
            {
                case "event":
                    ranges.Events.Add(new(Day(row[2]), Day(row[3])));
                    break;
                case "ignore":
                    ranges.Ignored.Add(new(Day(row[2]), Day(row[3])));
                    break;
            }
        }

        return [.. series.Select(entry => new SeriesTruth(entry.Key, entry.Value.Events, entry.Value.Ignored))];
    }

    /// <summary>Those of one cadence, ordered by hash: every second one, from the second on, is for tuning.</summary>
    public static IReadOnlySet<string> TuningHalf(IEnumerable<(string Series, int PeriodDays)> series) => series
        .GroupBy(entry => entry.PeriodDays, entry => entry.Series)
        .SelectMany(cadence => cadence
            .OrderBy(name => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), StringComparer.Ordinal)
            .Where((_, i) => i % 2 == 1))
        .ToHashSet(StringComparer.Ordinal);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
