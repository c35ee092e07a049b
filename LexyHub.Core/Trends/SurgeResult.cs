namespace LexyHub.Core.Trends;

/// <summary>Whether a rise was to be expected at this time of the year.</summary>
public enum SurgeKind
{
    /// <summary>No surge.</summary>
    None,

    /// <summary>Earlier years rose at the same season: Halloween in October.</summary>
    Seasonal,

    /// <summary>Nothing of the kind in earlier years, or less than two years known.</summary>
    New,
}

/// <summary>How a term's newest reading stands against its own past.</summary>
/// <param name="IsSurging">From the reading that raised the alarm until the series is quiet again.</param>
/// <param name="IsOnset">This reading raised the alarm: one per surge.</param>
/// <param name="Z">Robust z-score against the trailing baseline, on a log scale; 0 while there are too few readings.</param>
/// <param name="Ratio">The reading over the baseline's centre: 2 is twice the usual; 1 while there are too few readings.</param>
/// <param name="SeasonalRatio">The same ratio at the same season of earlier years (their median); null with less than two years, or where it was not asked for because nothing rose.</param>
public readonly record struct SurgeResult(
    bool IsSurging, bool IsOnset, SurgeKind Kind, double Z, double Ratio, double? SeasonalRatio)
{
    /// <summary>No surge, nothing measured.</summary>
    public static SurgeResult None { get; } = new(false, false, SurgeKind.None, 0, 1, null);
}
