namespace LexyHub.Core.Trends;

/// <summary>Which end of its period a reading's day names.</summary>
public enum PeriodStamp
{
    /// <summary>The first day, as in a Google Trends export.</summary>
    Start,

    /// <summary>The last day, as in Pinterest's <c>time_series</c>.</summary>
    End,
}

/// <summary>Leaves out a last period that is not over: it is too low by what is still to come.</summary>
public static class PartialPeriods
{
    /// <summary>The history without readings whose period ends on <paramref name="today"/> or later.</summary>
    /// <remarks>For sources that do not flag a partial period themselves; where one is flagged, drop it by the flag.</remarks>
    /// <param name="periodDays">7 for weeks; 28 to 31 on the first of a month means that calendar month.</param>
    public static ReadOnlySpan<Reading> WithoutUnfinished(
        ReadOnlySpan<Reading> history, PeriodStamp stamp, int periodDays, DateOnly today)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(periodDays, 1);
        var kept = history.Length;
        while (kept > 0 && LastDay(history[kept - 1].Day, stamp, periodDays) >= today)
        {
            kept--;
        }

        return history[..kept];
    }

    private static DateOnly LastDay(DateOnly day, PeriodStamp stamp, int periodDays) => stamp switch
    {
        PeriodStamp.End => day,
        _ when periodDays is >= 28 and <= 31 && day.Day == 1 => day.AddMonths(1).AddDays(-1),
        _ => day.AddDays(periodDays - 1),
    };
}
