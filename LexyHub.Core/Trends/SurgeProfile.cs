namespace LexyHub.Core.Trends;

/// <summary>What a cadence allows: how far back "usual" reaches, and how long a silence ends a surge.</summary>
/// <param name="BaselineReadings">Readings before the newest that say what is usual.</param>
/// <param name="FewestReadings">With fewer of them nothing is said.</param>
/// <param name="QuietReadings">Readings in a row below <see cref="SurgeDetector.ExitZ"/> that end a surge.</param>
internal readonly record struct SurgeProfile(int BaselineReadings, int FewestReadings, int QuietReadings)
{
    public const int MostReadings = 56;

    /// <summary>Daily: eight whole weeks; weekly: half a year; monthly: a year; slower: what there is.</summary>
    public static SurgeProfile Of(double cadenceDays) => cadenceDays switch
    {
        <= 2 => new(MostReadings, 14, 3),
        <= 10 => new(26, 8, 2),
        <= 45 => new(12, 6, 1),
        _ => new(8, 3, 1),
    };
}
