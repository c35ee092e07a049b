using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Trends;

/// <summary>How one source's values become scores from 0 to 1, so that sources in different units can be averaged.</summary>
/// <param name="Source">Name of the source, as in <c>trend_series.source</c>.</param>
/// <param name="Reference">
/// In the source's unit; positive and finite. <see cref="SignalScale.Index"/>: the top of the scale. <see cref="SignalScale.Count"/>:
/// the source's robust high level, which scores 1 (the 99th percentile of its history). <see cref="SignalScale.Percent"/>:
/// the growth that scores ½. Ignored for <see cref="SignalScale.Unit"/>.
/// </param>
public sealed record SourceScale(string Source, SignalScale Kind, double Reference)
{
    // Two decades below the reference are told apart; what is smaller is near zero anyway.
    private const double CountRange = 100;

    // An index that never left its lowest tenth is noise: its peak does not count as 1.
    private const double IndexPeakFloor = 0.1;

    // At this many readings the term's own peak has as much say as the top of the scale.
    private const double IndexPeakPrior = 8;

    /// <summary>Top of the scale; must be positive and finite.</summary>
    public double Reference { get; } = double.IsFinite(Reference) && Reference > 0
        ? Reference
        : throw new ArgumentOutOfRangeException(nameof(Reference), Reference, $"The reference of source '{Source}' must be positive and finite.");

    /// <summary>Days between two readings of this source, used while a term has too few to tell; at least 1.</summary>
    public double CadenceDays { get; init; } = 7;

    /// <summary>The score of a value where nothing is known of the term's history.</summary>
    /// <returns>0–1, never falling as the value grows; 0 for a value that is not a number.</returns>
    public double Score(double value)
    {
        if (!(value > 0))
        {
            return 0;
        }

        return Kind switch
        {
            SignalScale.Unit => Math.Min(value, 1),
            SignalScale.Index => Math.Min(value / Reference, 1),
            SignalScale.Count => Math.Min(Math.Log(1 + (CountRange - 1) * (value / Reference)) / Math.Log(CountRange), 1),
            // Written so that an infinite value gives 1, not NaN.
            SignalScale.Percent => 1 / (1 + Reference / value),
            _ => throw new InvalidOperationException($"Scale kind {Kind} has no score."),
        };
    }

    /// <summary>The score of a value within the term's history.</summary>
    /// <remarks>
    /// Only an index looks at the history: exports that compare several terms squeeze the small ones, while a term asked
    /// for alone always peaks at the top. Measured against its own peak, both give the same shape.
    /// </remarks>
    /// <param name="peak">Highest value of the term so far, this one included.</param>
    /// <param name="readings">Readings of the term so far, this one included.</param>
    internal double Score(double value, double peak, int readings)
        => Kind == SignalScale.Index ? Math.Clamp(value / IndexTop(peak, readings), 0, 1) : Score(value);

    private double IndexTop(double peak, int readings)
    {
        var trust = readings / (readings + IndexPeakPrior);
        return Math.Max(peak, trust * Math.Max(peak, IndexPeakFloor * Reference) + (1 - trust) * Reference);
    }
}
