using System.Globalization;

namespace LexyHub.Core.Imports;

/// <summary>Reads the date of a reading: <c>yyyy-MM-dd</c>, <c>yyyy/M/d</c>, <c>M/d/yyyy</c>, <c>yyyy-MM</c>, each day with or
/// without a time, or a range of days (<c>2004-01-04 - 2004-01-10</c>, in older exports of Google Trends).</summary>
/// <param name="Day">The UTC day; of a time with an offset, its UTC day; of a range, its first.</param>
/// <param name="LastDay">The range's last day; null for a single date.</param>
/// <param name="IsMonth">The date has no day.</param>
internal readonly record struct SignalDate(DateOnly Day, DateOnly? LastDay, bool IsMonth)
{
    private const string RangeSeparator = " - ";

    private static readonly string[] MonthFormats = ["yyyy-MM", "yyyy/MM"];

    private static readonly string[] DayFormats = ["yyyy-MM-dd", "yyyy/M/d", "M/d/yyyy"];

    private static readonly string[] TimeFormats =
    [
        .. from day in DayFormats
           from separator in (string[])["'T'", " "]
           from time in (string[])["HH", "H:mm", "H:mm:ss", "H:mm:ss.FFFFFFF"]
           from offset in (string[])["", "K", " zzz"]
           select $"{day}{separator}{time}{offset}",
    ];

    public static bool TryParse(string text, out SignalDate date)
    {
        date = default;
        if (text.IndexOf(RangeSeparator, StringComparison.Ordinal) is > 0 and var separator
            && TryParseDay(text[..separator], out var first)
            && TryParseDay(text[(separator + RangeSeparator.Length)..], out var last))
        {
            date = new SignalDate(first, last, false);
            return last >= first;
        }

        if (DateOnly.TryParseExact(text, MonthFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var month))
        {
            date = new SignalDate(month, null, true);
            return IsPlausible(month);
        }

        if (TryParseDay(text, out var day))
        {
            date = new SignalDate(day, null, false);
            return true;
        }

        return false;
    }

    /// <summary>The last UTC day that a reading covers whose period begins here.</summary>
    public DateOnly EndOf(SignalPeriod period) => LastDay ?? (IsMonth ? SignalPeriod.Month : period) switch
    {
        SignalPeriod.Week => Day.AddDays(6),
        SignalPeriod.Month => new DateOnly(Day.Year, Day.Month, DateTime.DaysInMonth(Day.Year, Day.Month)),
        _ => Day,
    };

    private static bool TryParseDay(string text, out DateOnly day)
    {
        if (DateOnly.TryParseExact(text, DayFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
        {
            return IsPlausible(day);
        }

        var isTime = DateTimeOffset.TryParseExact(
            text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment);
        day = DateOnly.FromDateTime(moment.UtcDateTime);
        return isTime && IsPlausible(day);
    }

    // Also keeps days clear of the ends of DateOnly, whatever is added to them.
    private static bool IsPlausible(DateOnly day) => day.Year is >= 1900 and < 2200;
}
