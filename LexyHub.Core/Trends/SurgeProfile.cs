namespace LexyHub.Core.Trends;

/// <summary>What a cadence allows: how far back "usual" reaches, and what is rare enough to be an alarm.</summary>
/// <remarks>
/// A daily series is asked 365 times a year, a monthly one twelve times: with one threshold for both, the daily one would cry
/// wolf each month or the monthly one would never speak.
/// </remarks>
/// <param name="BaselineReadings">Readings before the newest that say what is usual.</param>
/// <param name="FewestReadings">With fewer of them nothing is said.</param>
/// <param name="QuietReadings">Readings in a row below <see cref="SurgeDetector.ExitZ"/> that end a surge.</param>
/// <param name="EnterZ">Robust z-score that raises the alarm by itself.</param>
/// <param name="FewestTimes">Smallest reading over the baseline's centre that counts, however steady the series.</param>
/// <param name="SeasonalFewestTimes">The same where earlier years rose at this season too.</param>
/// <param name="SeasonalZ">Robust z-score from which on earlier years are asked; infinite where a year is too coarse for seasons.</param>
/// <param name="PriorDeviation">Noise assumed of a term before it has shown its own, in log units (0.1: a tenth up or down).</param>
internal readonly record struct SurgeProfile(
    int BaselineReadings,
    int FewestReadings,
    int QuietReadings,
    double EnterZ,
    double FewestTimes,
    double SeasonalFewestTimes,
    double SeasonalZ,
    double PriorDeviation)
{
    public const int MostReadings = 56;

    /// <summary>Daily: eight whole weeks; weekly: half a year; monthly: a year; slower: what there is.</summary>
    public static SurgeProfile Of(double cadenceDays) => cadenceDays switch
    {
        <= 2 => new(MostReadings, 14, 3, 5, 1.75, 1.4, 2.5, 0.1),
        <= 10 => new(26, 8, 2, 4, 1.4, 1.25, 2, 0.1),
        <= 45 => new(12, 6, 1, 3.5, 1.2, 1.1, 1, 0.1),
        _ => new(8, 3, 1, 3.5, 1.5, 1.5, double.PositiveInfinity, 0.25),
    };
}
