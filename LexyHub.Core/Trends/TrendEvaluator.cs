namespace LexyHub.Core.Trends;

/// <summary>Turns due terms into a batch to write. Pure: the same terms, scales and day give the same batch.</summary>
/// <param name="scales">How each source's values become scores.</param>
/// <param name="medians">What a source's momentum is shrunk to.</param>
/// <param name="today">UTC day of the run.</param>
internal sealed class TrendEvaluator(IReadOnlyDictionary<string, SourceScale> scales, SourceMedians medians, DateOnly today)
{
    private SeriesPoint[] points = new SeriesPoint[64];
    private SourceTrend[] trends = new SourceTrend[4];

    /// <summary>The batch of those terms, with the points of all readings that are new.</summary>
    public TrendBatch Evaluate(IReadOnlyList<DueTerm> terms, DateTimeOffset now)
    {
        var batch = new TrendBatch(now);
        foreach (var term in terms)
        {
            var count = EvaluateSources(term);
            for (var i = 0; i < count.Sources; i++)
            {
                if (term.Since is { } since)
                {
                    AddSeries(batch, term, i, since);
                }
            }

            var known = trends.AsSpan(0, count.Sources);
            batch.AddTrend(term.Term, TrendMomentum.Combine(known, medians), count.LastReading ?? today, TrendMomentum.NextChange(known, today));
            batch.AddDone(term);
        }

        return batch;
    }

    /// <summary>The terms without those that have a source whose scale is not known or is another one by now: they stay
    /// due for the next run, which looks at the scales first.</summary>
    public IReadOnlyList<DueTerm> WithoutOutdated(IReadOnlyList<DueTerm> terms, IReadOnlyList<SignalSource> current)
    {
        var sound = current
            .Where(source => scales.TryGetValue(source.Name, out var scale) && scale.Kind == source.Scale)
            .Select(source => source.Name)
            .ToHashSet(StringComparer.Ordinal);
        return [.. terms.Where(term => Enumerable.Range(0, term.SourceCount).All(i => sound.Contains(term.SourceAt(i))))];
    }

    /// <summary>Each source's own momentum of those terms, for the medians.</summary>
    public IReadOnlyList<SourceTrend> EvaluateSources(IReadOnlyList<DueTerm> terms)
    {
        var all = new List<SourceTrend>();
        foreach (var term in terms)
        {
            var count = EvaluateSources(term);
            all.AddRange(trends.AsSpan(0, count.Sources));
        }

        return all;
    }

    private (int Sources, DateOnly? LastReading) EvaluateSources(DueTerm term)
    {
        if (trends.Length < term.SourceCount)
        {
            trends = new SourceTrend[term.SourceCount];
        }

        DateOnly? last = null;
        for (var i = 0; i < term.SourceCount; i++)
        {
            var readings = term.ReadingsAt(i);
            trends[i] = TrendMomentum.EvaluateSource(readings, scales[term.SourceAt(i)], today);
            if (last is not { } latest || readings[^1].Day > latest)
            {
                last = readings[^1].Day;
            }
        }

        return (term.SourceCount, last);
    }

    private void AddSeries(TrendBatch batch, DueTerm term, int source, DateOnly since)
    {
        var readings = term.ReadingsAt(source);
        var from = readings.Length;
        while (from > 0 && readings[from - 1].Day >= since)
        {
            from--;
        }

        var count = readings.Length - from;
        if (count == 0)
        {
            return;
        }

        if (points.Length < count)
        {
            points = new SeriesPoint[Math.Max(count, 2 * points.Length)];
        }

        var output = points.AsSpan(0, count);
        TrendMomentum.EvaluateSeries(readings, scales[term.SourceAt(source)], from, output);
        batch.AddSeries(term.Term, term.SourceAt(source), output);
    }
}
