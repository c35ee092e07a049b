namespace LexyHub.Core.Trends;

/// <summary>
/// Tells a surge from ordinary ups and downs: a robust z-score of the newest reading's logarithm against a trailing
/// baseline, with the same season of earlier years as a second opinion. Formulas and their sources: <c>docs/trends.md</c>.
/// </summary>
/// <remarks>A result uses only the readings up to its own day, and does not change when all values are multiplied by one factor.</remarks>
public static class SurgeDetector
{
    /// <summary>Z-score that raises the alarm (Iglewicz and Hoaglin's cut-off).</summary>
    public const double EnterZ = 3.5;

    /// <summary>Z-score that is enough where earlier years rose at this season too.</summary>
    public const double SeasonalEnterZ = 2;

    /// <summary>Below this z-score a surge fades.</summary>
    public const double ExitZ = 1.5;

    /// <summary>Smallest reading over the baseline's centre that counts, however steady the series.</summary>
    public const double FewestTimes = 1.25;

    private const double SeasonalFewestTimes = 1.1;
    private const int EarlierYears = 3;

    // A surge longer than this has become the usual.
    private const int LongestReadings = 60;

    // Noise assumed of a term before it has shown its own, in log units (a quarter up or down), and its weight in readings.
    private const double PriorDeviation = 0.25;
    private const double PriorReadings = 3;

    // Share of the usual level added before the logarithm, so that a zero is low but not infinitely low.
    private const double LogOffset = 0.1;

    private const int DaysOfWeek = 7;
    private const int ReadingsForWeekdays = 28;

    /// <summary>How the newest reading stands.</summary>
    /// <param name="history">Ascending days, partial periods left out.</param>
    public static SurgeResult Detect(ReadOnlySpan<Reading> history)
    {
        if (history.IsEmpty)
        {
            return SurgeResult.None;
        }

        var newest = Measure(history);
        var surging = IsSurging(history, []);
        var onset = surging && !IsSurging(history[..^1], []);
        return Result(newest, surging, onset);
    }

    /// <summary>How each reading stood on its day.</summary>
    /// <param name="output">At least as long as the history.</param>
    public static void DetectSeries(ReadOnlySpan<Reading> history, Span<SurgeResult> output)
    {
        var measured = new Measurement[history.Length];
        var before = false;
        for (var i = 0; i < history.Length; i++)
        {
            measured[i] = Measure(history[..(i + 1)]);
            var surging = IsSurging(history[..(i + 1)], measured);
            output[i] = Result(measured[i], surging, surging && !before);
            before = surging;
        }
    }

    private static SurgeResult Result(Measurement measurement, bool surging, bool onset) => new(
        surging,
        onset,
        !surging ? SurgeKind.None : measurement.Recurs ? SurgeKind.Seasonal : SurgeKind.New,
        measurement.Z,
        Math.Exp(measurement.Effect),
        measurement.SeasonalEffect is { } effect ? Math.Exp(effect) : null);

    // Walks back from the newest reading to the alarm that may still hold; a pure function of the past, so nothing has to
    // be stored between runs.
    private static bool IsSurging(ReadOnlySpan<Reading> history, ReadOnlySpan<Measurement> measured)
    {
        var quiet = 0;
        var earliest = Math.Max(0, history.Length - LongestReadings);
        for (var i = history.Length - 1; i >= earliest; i--)
        {
            var at = measured.IsEmpty ? Measure(history[..(i + 1)]) : measured[i];
            if (at.Enters)
            {
                return true;
            }

            quiet = at.Z < ExitZ ? quiet + 1 : 0;
            if (quiet >= at.QuietReadings)
            {
                return false;
            }
        }

        return false;
    }

    private static Measurement Measure(ReadOnlySpan<Reading> history)
    {
        var recent = MeasureAgainstBaseline(history);
        if (recent.Z < SeasonalEnterZ || SeasonalEffect(history) is not { } earlier)
        {
            return recent with { Enters = recent.Z >= EnterZ && recent.Effect >= Math.Log(FewestTimes) };
        }

        var recurs = earlier >= Math.Log(SeasonalFewestTimes) && earlier >= recent.Effect / 2;
        return recent with
        {
            SeasonalEffect = earlier,
            Recurs = recurs,
            Enters = recurs
                ? recent.Effect >= Math.Log(SeasonalFewestTimes)
                : recent.Z >= EnterZ && recent.Effect >= Math.Log(FewestTimes),
        };
    }

    private static Measurement MeasureAgainstBaseline(ReadOnlySpan<Reading> history)
    {
        var cadence = Cadence.EstimateDays(history, DaysOfWeek);
        var profile = SurgeProfile.Of(cadence);
        var baseline = history[Math.Max(0, history.Length - 1 - profile.BaselineReadings)..^1];
        if (baseline.Length < profile.FewestReadings)
        {
            return new(0, 0, profile.QuietReadings);
        }

        Span<double> logs = stackalloc double[SurgeProfile.MostReadings];
        Span<double> scratch = stackalloc double[SurgeProfile.MostReadings];
        logs = logs[..baseline.Length];
        scratch = scratch[..baseline.Length];

        var (level, step, zeros) = Levels(baseline, scratch);
        var value = Math.Max(0, history[^1].Value);
        if (2 * zeros > baseline.Length)
        {
            // Where nothing is usual, one lone reading is a blip: the one before must have risen as well. Nor is there a
            // step to go by, since the only one is from nothing to something.
            value = Math.Min(value, Math.Max(0, history[^2].Value));
            step = 0;
        }

        level = level > 0 ? level : value;
        if (level == 0)
        {
            return new(0, 0, profile.QuietReadings);
        }

        // Divided by the level first, so that another unit gives the same logarithms.
        for (var i = 0; i < baseline.Length; i++)
        {
            logs[i] = Math.Log(Math.Max(0, baseline[i].Value) / level + LogOffset);
        }

        var newest = Math.Log(value / level + LogOffset);
        if (cadence <= 2 && baseline.Length >= ReadingsForWeekdays)
        {
            newest -= RemoveWeekdays(baseline, history[^1].Day, logs, scratch);
        }

        logs.CopyTo(scratch);
        var centre = RobustStatistics.Median(scratch);
        var deviation = Deviation(logs, scratch, centre, step / level);
        var effect = newest - centre;
        return new(effect / deviation, effect, profile.QuietReadings);
    }

    // The usual level of a non-zero reading, the smallest step between two different readings (1 in whole counts and
    // indexes), and how many are zero.
    private static (double Level, double Step, int Zeros) Levels(ReadOnlySpan<Reading> baseline, Span<double> sorted)
    {
        for (var i = 0; i < baseline.Length; i++)
        {
            sorted[i] = Math.Max(0, baseline[i].Value);
        }

        sorted.Sort();
        var zeros = 0;
        var step = double.PositiveInfinity;
        for (var i = 0; i < sorted.Length; i++)
        {
            zeros += sorted[i] == 0 ? 1 : 0;
            var gap = i == 0 ? 0 : sorted[i] - sorted[i - 1];
            step = gap > 0 ? Math.Min(step, gap) : step;
        }

        var level = zeros == sorted.Length ? 0 : RobustStatistics.Median(sorted[zeros..]);
        return (level, double.IsInfinity(step) ? 0 : step, zeros);
    }

    // Takes the median of each day of the week out of the logs; returns that of the newest reading's day.
    private static double RemoveWeekdays(ReadOnlySpan<Reading> baseline, DateOnly newest, Span<double> logs, Span<double> scratch)
    {
        logs.CopyTo(scratch);
        var centre = RobustStatistics.Median(scratch);
        var removed = 0.0;
        for (var weekday = DayOfWeek.Sunday; weekday <= DayOfWeek.Saturday; weekday++)
        {
            var count = 0;
            for (var i = 0; i < baseline.Length; i++)
            {
                if (baseline[i].Day.DayOfWeek == weekday)
                {
                    scratch[count++] = logs[i];
                }
            }

            if (count == 0)
            {
                continue;
            }

            var effect = RobustStatistics.Median(scratch[..count]) - centre;
            for (var i = 0; i < baseline.Length; i++)
            {
                logs[i] -= baseline[i].Day.DayOfWeek == weekday ? effect : 0;
            }

            removed = newest.DayOfWeek == weekday ? effect : removed;
        }

        return removed;
    }

    private static double Deviation(ReadOnlySpan<double> logs, Span<double> scratch, double centre, double relativeStep)
    {
        logs.CopyTo(scratch);
        var deviation = RobustStatistics.MadFactor * RobustStatistics.MedianAbsoluteDeviation(scratch, centre);
        if (deviation < 1e-12)
        {
            // Most readings are equal, so the exceptions alone tell how far it can go, and a median would not see them.
            var sum = 0.0;
            foreach (var log in logs)
            {
                sum += (log - centre) * (log - centre);
            }

            deviation = Math.Sqrt(sum / logs.Length);
        }

        var pooled = (logs.Length * deviation * deviation + PriorReadings * PriorDeviation * PriorDeviation)
            / (logs.Length + PriorReadings);
        return Math.Max(Math.Sqrt(pooled), relativeStep);
    }

    // Median rise over its own baseline at the same season of earlier years; null with fewer than two such years.
    private static double? SeasonalEffect(ReadOnlySpan<Reading> history)
    {
        Span<double> effects = stackalloc double[EarlierYears];
        var count = 0;
        for (var years = 1; years <= EarlierYears; years++)
        {
            if (EffectAround(history, history[^1].Day.AddYears(-years)) is { } effect)
            {
                effects[count++] = effect;
            }
        }

        return count < 2 ? null : RobustStatistics.Median(effects[..count]);
    }

    // The highest rise within a week, or half a cadence, of the day: feasts move.
    private static double? EffectAround(ReadOnlySpan<Reading> history, DateOnly day)
    {
        var reach = Math.Max(DaysOfWeek, (int)(Cadence.EstimateDays(history, DaysOfWeek) / 2));
        double? highest = null;
        for (var i = FirstFrom(history, day.AddDays(-reach)); i < history.Length && history[i].Day <= day.AddDays(reach); i++)
        {
            var profile = SurgeProfile.Of(Cadence.EstimateDays(history[..(i + 1)], DaysOfWeek));
            if (i >= profile.FewestReadings)
            {
                highest = Math.Max(highest ?? double.MinValue, MeasureAgainstBaseline(history[..(i + 1)]).Effect);
            }
        }

        return highest;
    }

    private static int FirstFrom(ReadOnlySpan<Reading> history, DateOnly day)
    {
        int low = 0, high = history.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = history[middle].Day < day ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>One reading against what came before it, in log units.</summary>
    private readonly record struct Measurement(double Z, double Effect, int QuietReadings)
    {
        public bool Enters { get; init; }

        public bool Recurs { get; init; }

        public double? SeasonalEffect { get; init; }
    }
}
