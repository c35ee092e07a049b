using System.Runtime.InteropServices;

namespace LexyHub.Core.Trends;

/// <summary>The median momentum of each source over all terms: what to assume of a term while little is known of it.</summary>
public sealed class SourceMedians(IReadOnlyDictionary<string, double> medians)
{
    /// <summary>Knows no source, so nothing is shrunk.</summary>
    public static SourceMedians None { get; } = new(new Dictionary<string, double>());

    /// <summary>Takes the median per source of the trends given; those without a reading do not count.</summary>
    public static SourceMedians From(IEnumerable<SourceTrend> trends)
    {
        var momentums = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        foreach (var trend in trends)
        {
            if (trend.Evidence > 0)
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(momentums, trend.Source, out _) ??= []).Add(trend.Momentum);
            }
        }

        return new(momentums.ToDictionary(
            entry => entry.Key,
            entry => RobustStatistics.Median(CollectionsMarshal.AsSpan(entry.Value)),
            StringComparer.Ordinal));
    }

    /// <summary>The source's median, or <paramref name="unknown"/> where no term of it was seen.</summary>
    public double Of(string source, double unknown) => medians.TryGetValue(source, out var median) ? median : unknown;
}
