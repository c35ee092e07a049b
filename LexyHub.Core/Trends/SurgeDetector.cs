namespace LexyHub.Core.Trends;

/// <summary>
/// Tells a surge from ordinary ups and downs: a robust z-score of the newest reading's logarithm against a trailing
/// baseline, with the same season of earlier years as a second opinion. Formulas and their sources: <c>docs/trends.md</c>.
/// </summary>
/// <remarks>A result uses only the readings up to its own day, and does not change when all values are multiplied by one factor.</remarks>
public static class SurgeDetector
{
    /// <summary>Below this z-score a surge fades.</summary>
    public const double ExitZ = 1.5;

    // What this season and the same season of earlier years say together, each of them saying too little alone.
    private const double SeasonalEnterZ = 3.5;
    private const int EarlierYears = 5;

    // One wild year does not speak for the others.
    private const double MostZOfAYear = 5;

    // A surge longer than this has become the usual.
    private const int LongestReadings = 60;

    // Readings that weigh as much as the noise assumed beforehand.
    private const double PriorReadings = 3;

    // Share of the usual level added before the logarithm, so that a zero is low but not infinitely low.
    private const double LogOffset = 0.1;

    private const int StepReadings = 112;
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
            if (quiet >= at.Profile.QuietReadings)
            {
                return false;
            }
        }

        return false;
    }

    private static Measurement Measure(ReadOnlySpan<Reading> history)
    {
        var recent = MeasureAgainstBaseline(history);
        var profile = recent.Profile;
        var alone = recent.Z >= profile.EnterZ && recent.Effect >= Math.Log(profile.FewestTimes);
        if (recent.Z < profile.SeasonalZ || Season(history) is not { } season)
        {
            return recent with { Enters = alone };
        }

        // Stouffer's sum: independent z-scores of equal weight.
        var together = (recent.Z + season.SumOfZ) / Math.Sqrt(1 + season.Years);
        var recurs = together >= SeasonalEnterZ && season.Effect >= Math.Max(Math.Log(profile.SeasonalFewestTimes), recent.Effect / 2);
        return recent with
        {
            SeasonalEffect = season.Effect,
            Recurs = recurs,
            Enters = alone || (recurs && recent.Effect >= Math.Log(profile.SeasonalFewestTimes)),
        };
    }

    private static Measurement MeasureAgainstBaseline(ReadOnlySpan<Reading> history)
    {
        var cadence = Cadence.EstimateDays(history, DaysOfWeek);
        var profile = SurgeProfile.Of(cadence);
        var baseline = history[Math.Max(0, history.Length - 1 - profile.BaselineReadings)..^1];
        if (baseline.Length < profile.FewestReadings)
        {
            return new(0, 0, profile);
        }

        Span<double> logs = stackalloc double[SurgeProfile.MostReadings];
        Span<double> scratch = stackalloc double[SurgeProfile.MostReadings];
        logs = logs[..baseline.Length];
        scratch = scratch[..baseline.Length];

        var (level, zeros) = Level(baseline, scratch);
        var step = SmallestStep(history);
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
            return new(0, 0, profile);
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
        var deviation = Deviation(logs, scratch, centre, step / level, profile.PriorDeviation);
        var effect = newest - centre;
        return new(effect / deviation, effect, profile);
    }

    // The usual level of a non-zero reading, and how many are zero.
    private static (double Level, int Zeros) Level(ReadOnlySpan<Reading> baseline, Span<double> scratch)
    {
        var count = 0;
        foreach (var reading in baseline)
        {
            if (reading.Value > 0)
            {
                scratch[count++] = reading.Value;
            }
        }

        return (count == 0 ? 0 : RobustStatistics.Median(scratch[..count]), baseline.Length - count);
    }

    // The smallest step between two different readings: 1 in whole counts and indexes, where from 2 to 3 is half as much
    // again and still nothing. Looks further back than the baseline, which may be all of one value.
    private static double SmallestStep(ReadOnlySpan<Reading> history)
    {
        Span<double> sorted = stackalloc double[StepReadings];
        var count = Math.Min(history.Length - 1, StepReadings);
        for (var i = 0; i < count; i++)
        {
            sorted[i] = history[^(i + 2)].Value;
        }

        sorted[..count].Sort();
        var step = double.PositiveInfinity;
        for (var i = 1; i < count; i++)
        {
            var gap = sorted[i] - sorted[i - 1];
            step = gap > 0 ? Math.Min(step, gap) : step;
        }

        return double.IsInfinity(step) ? 0 : step;
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

    private static double Deviation(ReadOnlySpan<double> logs, Span<double> scratch, double centre, double relativeStep, double prior)
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

        var pooled = (logs.Length * deviation * deviation + PriorReadings * prior * prior)
            / (logs.Length + PriorReadings);
        return Math.Max(Math.Sqrt(pooled), relativeStep);
    }

    // How the same season of earlier years stood against its own baseline; null where no such year is known.
    private static (double Effect, double SumOfZ, int Years)? Season(ReadOnlySpan<Reading> history)
    {
        Span<double> effects = stackalloc double[EarlierYears];
        var count = 0;
        var sum = 0.0;
        for (var years = 1; years <= EarlierYears; years++)
        {
            if (HighestAround(history, history[^1].Day.AddYears(-years)) is { } highest)
            {
                effects[count++] = highest.Effect;
                sum += Math.Min(highest.Z, MostZOfAYear);
            }
        }

        return count == 0 ? null : (RobustStatistics.Median(effects[..count]), sum, count);
    }

    // The highest reading within a week, or half a cadence, of the day: feasts move.
    private static (double Effect, double Z)? HighestAround(ReadOnlySpan<Reading> history, DateOnly day)
    {
        var reach = Math.Max(DaysOfWeek, (int)(Cadence.EstimateDays(history, DaysOfWeek) / 2));
        var highest = (Effect: 0.0, Z: double.MinValue);
        var looked = 0;
        for (var i = FirstFrom(history, day.AddDays(-reach)); i < history.Length && history[i].Day <= day.AddDays(reach); i++)
        {
            var known = history[..(i + 1)];
            var at = MeasureAgainstBaseline(known);
            if (i >= at.Profile.FewestReadings)
            {
                looked++;
                highest = at.Z > highest.Z ? (at.Effect, at.Z) : highest;
            }
        }

        return looked == 0 ? null : (highest.Effect, highest.Z - ExpectedHighest(looked));
    }

    // What the highest of that many readings of pure noise would be: Blom's approximation, in steps.
    private static double ExpectedHighest(int count) => count switch
    {
        <= 1 => 0,
        2 => 0.56,
        3 => 0.85,
        <= 6 => 1.16,
        <= 10 => 1.42,
        _ => 1.74,
    };

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
    private readonly record struct Measurement(double Z, double Effect, SurgeProfile Profile)
    {
        public bool Enters { get; init; }

        public bool Recurs { get; init; }

        public double? SeasonalEffect { get; init; }
    }
}
