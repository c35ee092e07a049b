namespace LexyHub.Core.Trends;

/// <summary>How often a term's readings arrive.</summary>
internal static class Cadence
{
    private const int GapsLookedAt = 8;
    private const int GapsNeeded = 2;

    /// <summary>Median of the latest gaps, so that one pause does not turn a daily series into a slower one.</summary>
    /// <param name="fallbackDays">Returned while there are fewer than two gaps.</param>
    public static double EstimateDays(ReadOnlySpan<Reading> history, double fallbackDays)
    {
        var count = Math.Min(history.Length - 1, GapsLookedAt);
        if (count < GapsNeeded)
        {
            return Math.Max(1, fallbackDays);
        }

        Span<double> gaps = stackalloc double[GapsLookedAt];
        for (var i = 0; i < count; i++)
        {
            gaps[i] = history[^(i + 1)].Day.DayNumber - history[^(i + 2)].Day.DayNumber;
        }

        return RobustStatistics.Median(gaps[..count]);
    }
}
