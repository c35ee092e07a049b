namespace LexyHub.Benchmarks.Surge;

/// <summary>How a detector did, over any number of series.</summary>
/// <param name="DelayDays">Sum over the events detected.</param>
/// <param name="QuietFalse">False alarms within <paramref name="QuietYears"/>.</param>
internal readonly record struct Tally(int Events, int Detected, int False, double DelayDays, int QuietYears, int QuietFalse)
{
    public double Precision => Detected + False == 0 ? 0 : (double)Detected / (Detected + False);

    public double Recall => Events == 0 ? 0 : (double)Detected / Events;

    public double F1 => Detected == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    public double MeanDelayDays => Detected == 0 ? 0 : DelayDays / Detected;

    public double FalsePerQuietYear => QuietYears == 0 ? 0 : (double)QuietFalse / QuietYears;

    public static Tally operator +(Tally a, Tally b) => new(
        a.Events + b.Events, a.Detected + b.Detected, a.False + b.False, a.DelayDays + b.DelayDays,
        a.QuietYears + b.QuietYears, a.QuietFalse + b.QuietFalse);

    /// <summary>Counts one series by the rules of <c>README.md</c>.</summary>
    public static Tally Count(RealSeries series, SeriesTruth truth, ReadOnlySpan<bool> onsets)
    {
        var warmUp = WarmUp(series.PeriodDays);
        int events = 0, detected = 0;
        var delay = 0.0;
        foreach (var happened in truth.Events)
        {
            var testable = false;
            for (var i = warmUp; i < series.Readings.Length; i++)
            {
                if (!series.Period(i).Touches(happened))
                {
                    continue;
                }

                testable = true;
                if (onsets[i])
                {
                    detected++;
                    delay += series.Readings[i].Day.DayNumber - happened.From.DayNumber;
                    break;
                }
            }

            events += testable ? 1 : 0;
        }

        var falseDays = new List<DateOnly>();
        for (var i = warmUp; i < series.Readings.Length; i++)
        {
            if (onsets[i] && !IsExplained(truth, series.Period(i)))
            {
                falseDays.Add(series.Readings[i].Day);
            }
        }

        var quiet = QuietYearsOf(series, truth, warmUp);
        return new(events, detected, falseDays.Count, delay, quiet.Count, falseDays.Count(day => quiet.Contains(day.Year)));
    }

    public static int WarmUp(int periodDays) => periodDays switch { 1 => 28, 7 => 26, 30 => 12, _ => 3 };

    public static bool IsExplained(SeriesTruth truth, DayRange period)
        => truth.Events.Any(period.Touches) || truth.Ignored.Any(period.Touches);

    private static HashSet<int> QuietYearsOf(RealSeries series, SeriesTruth truth, int warmUp)
    {
        // Some days are missing from the daily series; nine tenths of a year are a year.
        var whole = series.PeriodDays switch { 1 => 329, 7 => 47, 30 => 12, _ => 1 };
        return [.. series.Readings.Skip(warmUp).GroupBy(reading => reading.Day.Year)
            .Where(year => year.Count() >= whole && !IsExplained(truth, new(new(year.Key, 1, 1), new(year.Key, 12, 31))))
            .Select(year => year.Key)];
    }
}
