namespace LexyHub.Core.Trends;

/// <summary>Score, velocity and momentum of terms. Formulas and their sources: <c>docs/trends.md</c>.</summary>
public static class TrendMomentum
{
    /// <summary>LexyHub's own weights; the readers of <c>keywords.trend_momentum</c> rely on them.</summary>
    public const double ScoreWeight = 0.6;

    /// <inheritdoc cref="ScoreWeight"/>
    public const double VelocityWeight = 0.4;

    /// <summary>Overdue days after which momentum has halved.</summary>
    public const int HalfLifeDays = 7;

    /// <summary>Overdue days after which momentum is exactly 0: twelve half-lives, when 1 would print as 0.000.</summary>
    public const int DeadAfterDays = 12 * HalfLifeDays;

    private const int VelocityDays = 7;

    // Four weeks hold each weekday equally often; six readings still let two be wild.
    private const int WindowDays = 28;
    private const int WindowCadences = 6;
    private const int WindowReadings = 32;

    // Readings that weigh as much as the source's median.
    private const double EvidencePrior = 2;

    // A source read once a year is no reason to call last spring's interest current.
    private const double LongestCadenceDays = 35;

    // The detector knows no unit: it cannot tell that two views a day, after none, move nobody.
    private const double SmallestSurgingScore = 0.1;

    // Σ φ^i for i = 1 to 30 days, where the trend keeps nine tenths of itself a week: about 24 days of undamped trend.
    private static readonly double DampedDays = DampedSum(Math.Pow(0.9, 1.0 / 7), 30);
    private const double SmallestLevel = 0.05;
    private const double LargestGrowth = 20;

    /// <summary>One source's view of a term, from the readings up to and including <paramref name="today"/>.</summary>
    public static SourceTrend EvaluateSource(ReadOnlySpan<Reading> history, SourceScale scale, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(scale);
        while (!history.IsEmpty && history[^1].Day > today)
        {
            history = history[..^1];
        }

        if (history.IsEmpty)
        {
            return new(scale.Source, 0, 0, 0, 0, 0, SurgeResult.None, DateOnly.MinValue, scale.CadenceDays, DeadAfterDays);
        }

        var cadence = Cadence.EstimateDays(history, scale.CadenceDays);
        var window = Window(history, cadence);
        var point = Evaluate(window, scale, Peak(history), history.Length);
        var last = history[^1].Day;

        return new(
            scale.Source,
            point.Score,
            point.Velocity,
            Momentum(point.Score, point.Velocity),
            point.ExpectedGrowth30d,
            window.Length / (window.Length + EvidencePrior),
            point.Score < SmallestSurgingScore ? SurgeResult.None : SurgeDetector.Detect(history),
            last,
            cadence,
            Math.Max(0, today.DayNumber - last.DayNumber - AllowedDays(cadence)));
    }

    /// <summary>The point of each reading from <paramref name="fromIndex"/> on, each from the readings up to its own day.</summary>
    /// <param name="output">At least as long as the readings asked for.</param>
    public static void EvaluateSeries(
        ReadOnlySpan<Reading> history, SourceScale scale, int fromIndex, Span<SeriesPoint> output)
    {
        ArgumentNullException.ThrowIfNull(scale);
        ArgumentOutOfRangeException.ThrowIfNegative(fromIndex);
        if (output.Length < history.Length - fromIndex)
        {
            throw new ArgumentException($"{history.Length - fromIndex} points do not fit into {output.Length}.", nameof(output));
        }

        var peak = Peak(history[..Math.Min(fromIndex, history.Length)]);
        for (var i = fromIndex; i < history.Length; i++)
        {
            peak = Math.Max(peak, history[i].Value);
            var known = history[..(i + 1)];
            var window = Window(known, Cadence.EstimateDays(known, scale.CadenceDays));
            output[i - fromIndex] = Evaluate(window, scale, peak, known.Length);
        }
    }

    /// <summary>A term's trend over its sources: the same to the last bit in whatever order they are given.</summary>
    /// <param name="sources">One per source; those without a reading are ignored.</param>
    /// <param name="medians">What a source's momentum is shrunk to; a source it does not know is not shrunk.</param>
    public static TermTrend Combine(ReadOnlySpan<SourceTrend> sources, SourceMedians medians)
    {
        ArgumentNullException.ThrowIfNull(medians);
        var known = new List<SourceTrend>(sources.Length);
        foreach (var source in sources)
        {
            if (source.Evidence > 0)
            {
                known.Add(source);
            }
        }

        if (known.Count == 0)
        {
            return TermTrend.None;
        }

        // Floating-point addition depends on its order, so there is one.
        known.Sort(InFixedOrder);
        var freshest = DateOnly.MinValue;
        var stale = int.MaxValue;
        foreach (var source in known)
        {
            freshest = source.LastReading > freshest ? source.LastReading : freshest;
            stale = Math.Min(stale, source.StaleDays);
        }

        var weights = new double[known.Count];
        var total = 0.0;
        for (var i = 0; i < known.Count; i++)
        {
            // Against the freshest reading, not against today: once all sources are silent the mean stands still and
            // only the decay below moves it, downwards.
            var lag = freshest.DayNumber - known[i].LastReading.DayNumber - AllowedDays(known[i].CadenceDays);
            weights[i] = known[i].Evidence * Decay(lag);
            total += weights[i];
        }

        var decay = Decay(stale);
        double momentum = 0, growth = 0, doubt = 1, surgeZ = 0;
        var contributors = new List<TrendContributor>(known.Count);
        for (var i = 0; i < known.Count; i++)
        {
            var source = known[i];
            var weight = weights[i] / total;
            if (weight == 0)
            {
                continue;
            }

            var evidence = source.Evidence;
            var shrunk = evidence * source.Momentum + (1 - evidence) * medians.Of(source.Source, source.Momentum);
            momentum += weight * shrunk;
            growth += weight * evidence * source.ExpectedGrowth30d;
            doubt *= 1 - weights[i];
            if (source.Surge.IsSurging && source.StaleDays == 0)
            {
                surgeZ = Math.Max(surgeZ, source.Surge.Z);
            }

            contributors.Add(new(source.Source, weight, shrunk));
        }

        return new(
            Math.Clamp(momentum * decay, 0, 1),
            growth * decay,
            Math.Clamp((1 - doubt) * decay, 0, 1),
            surgeZ > 0,
            surgeZ,
            contributors);
    }

    /// <summary>The first day after <paramref name="today"/> on which the trend differs though no reading arrives.</summary>
    /// <param name="sources">One per source; those without a reading are ignored.</param>
    /// <returns>Tomorrow while the trend decays; the day on which a reading will be overdue; null where nothing is left to decay.</returns>
    public static DateOnly? NextChange(ReadOnlySpan<SourceTrend> sources, DateOnly today)
    {
        DateOnly? next = null;
        foreach (var source in sources)
        {
            if (source.Evidence > 0 && source.StaleDays < DeadAfterDays)
            {
                var change = source.LastReading.AddDays(AllowedDays(source.CadenceDays) + 1);
                change = change > today ? change : today.AddDays(1);
                next = next is { } earlier && earlier < change ? earlier : change;
            }
        }

        return next;
    }

    /// <summary>What is left of a momentum when the next reading is overdue: halves every <see cref="HalfLifeDays"/>.</summary>
    /// <returns>1 while nothing is overdue, then falling, exactly 0 from <see cref="DeadAfterDays"/> on.</returns>
    public static double Decay(int overdueDays) => overdueDays switch
    {
        <= 0 => 1,
        >= DeadAfterDays => 0,
        _ => Math.Pow(0.5, overdueDays / (double)HalfLifeDays),
    };

    private static double Momentum(double score, double velocity)
        => Math.Clamp(ScoreWeight * score + VelocityWeight * velocity, 0, 1);

    private static int AllowedDays(double cadenceDays) => (int)Math.Ceiling(Math.Min(cadenceDays, LongestCadenceDays));

    private static double Peak(ReadOnlySpan<Reading> history)
    {
        var peak = 0.0;
        foreach (var reading in history)
        {
            peak = Math.Max(peak, reading.Value);
        }

        return peak;
    }

    private static ReadOnlySpan<Reading> Window(ReadOnlySpan<Reading> history, double cadenceDays)
    {
        var from = history[^1].Day.DayNumber - Math.Max(WindowDays, WindowCadences * cadenceDays);
        var start = history.Length - 1;
        while (start > 0 && history.Length - start < WindowReadings && history[start - 1].Day.DayNumber > from)
        {
            start--;
        }

        return history[start..];
    }

    private static SeriesPoint Evaluate(ReadOnlySpan<Reading> window, SourceScale scale, double peak, int readings)
    {
        // A window has at most WindowReadings readings.
        Span<double> days = stackalloc double[window.Length];
        Span<double> scores = stackalloc double[window.Length];
        for (var i = 0; i < window.Length; i++)
        {
            days[i] = window[i].Day.DayNumber - window[^1].Day.DayNumber;
            scores[i] = scale.Score(window[i].Value, peak, readings);
        }

        var score = scores[^1];
        var slope = TheilSen.Slope(days, scores);

        // What was seen for two days is not stretched to a week.
        var velocity = Math.Clamp(slope * Math.Min(VelocityDays, -days[0]), -1, 1);
        return new(window[^1].Day, score, velocity, ExpectedGrowth(days, scores, slope));
    }

    private static double ExpectedGrowth(ReadOnlySpan<double> days, Span<double> scores, double slope)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] -= slope * days[i];
        }

        // The line's height on the last day: the last reading alone may be the wild one.
        var level = Math.Clamp(RobustStatistics.Median(scores), 0, 1);
        var trusted = Math.Min(DampedDays, 30 * -days[0] / VelocityDays);
        var forecast = Math.Clamp(level + slope * trusted, 0, 1);
        return Math.Clamp((forecast - level) / Math.Max(level, SmallestLevel), -1, LargestGrowth);
    }

    private static double DampedSum(double damping, int days)
        => damping * (1 - Math.Pow(damping, days)) / (1 - damping);

    // Source names are unique in a sound call; the rest keeps the promise where they are not.
    private static int InFixedOrder(SourceTrend a, SourceTrend b)
    {
        var order = string.CompareOrdinal(a.Source, b.Source);
        order = order != 0 ? order : a.LastReading.CompareTo(b.LastReading);
        order = order != 0 ? order : a.Momentum.CompareTo(b.Momentum);
        order = order != 0 ? order : a.Evidence.CompareTo(b.Evidence);
        order = order != 0 ? order : a.CadenceDays.CompareTo(b.CadenceDays);
        order = order != 0 ? order : a.ExpectedGrowth30d.CompareTo(b.ExpectedGrowth30d);
        return order != 0 ? order : a.Surge.Z.CompareTo(b.Surge.Z);
    }
}
