namespace LexyHub.Core.Trends;

/// <summary>A source's part in a term's trend.</summary>
/// <param name="Weight">Share of the mean, 0–1; the weights of a term's contributors sum to 1.</param>
/// <param name="Momentum">0–1, after shrinking to the source's median.</param>
public sealed record TrendContributor(string Source, double Weight, double Momentum);

/// <summary>A term's trend over all its sources.</summary>
/// <param name="Momentum">0–1; 0 once its signals have stopped for long enough.</param>
/// <param name="ExpectedGrowth30d">Expected relative change in 30 days, −1 to 20.</param>
/// <param name="Confidence">0–1, by how many recent readings stand behind it.</param>
/// <param name="Surge">A source is surging and none of its readings is overdue.</param>
/// <param name="SurgeZ">Robust z-score of the strongest surge; 0 without one.</param>
/// <param name="Contributors">By source name.</param>
public sealed record TermTrend(
    double Momentum,
    double ExpectedGrowth30d,
    double Confidence,
    bool Surge,
    double SurgeZ,
    IReadOnlyList<TrendContributor> Contributors)
{
    /// <summary>Of a term that no source has a reading of.</summary>
    public static TermTrend None { get; } = new(0, 0, 0, false, 0, []);
}
