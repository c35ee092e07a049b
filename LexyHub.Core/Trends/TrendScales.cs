using LexyHub.Core.Jobs;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Trends;

/// <summary>Makes ready what turns values into scores: the high level of counting sources, and the medians of all.
/// Both are looked at once a UTC day, so that a second run of the day changes nothing.</summary>
internal sealed class TrendScales(SignalSourceStore sources, TrendStore trends)
{
    // Below this change the scores stay comparable with yesterday's, and nothing is made due.
    private const double ReferenceTolerance = 0.25;

    private const int MedianSampleTerms = 2_000;
    private const int MedianSampleReadings = 30;

    /// <summary>The scale and the median momentum of each source, as of today.</summary>
    public async Task<(IReadOnlyDictionary<string, SourceScale> Scales, SourceMedians Medians)> PrepareAsync(
        JobContext context, TrendReadScope scope, CancellationToken cancellationToken)
    {
        await RefreshReferencesAsync(context, scope.Today, cancellationToken);
        var known = await sources.ReadAsync(cancellationToken);

        // A counting source that was landed since the references were looked at has none yet: it waits for the next run.
        var scales = known
            .Where(source => source is not { Scale: SignalScale.Count, ReferencedOn: null })
            .ToDictionary(source => source.Name, ToScale, StringComparer.Ordinal);
        if (known.Any(source => source.MedianOn != scope.Today))
        {
            await RefreshMediansAsync(context, scope, known, scales, cancellationToken);
            known = await sources.ReadAsync(cancellationToken);
        }

        var medians = known
            .Where(source => source.MedianMomentum is not null)
            .ToDictionary(source => source.Name, source => source.MedianMomentum!.Value, StringComparer.Ordinal);
        return (scales, new SourceMedians(medians));
    }

    private async Task RefreshReferencesAsync(JobContext context, DateOnly today, CancellationToken cancellationToken)
    {
        foreach (var source in await sources.ReadAsync(cancellationToken))
        {
            if (source.Scale != SignalScale.Count || source.ReferencedOn == today)
            {
                continue;
            }

            var reference = await sources.ReadReferenceAsync(source.Name, today, cancellationToken);
            var moved = reference > 0 && Math.Abs(reference - source.Reference) > ReferenceTolerance * source.Reference;
            await using var transaction = await context.BeginWriteAsync(cancellationToken);
            await SignalSourceStore.WriteReferenceAsync(
                transaction.Connection, source.Name, moved ? reference : source.Reference, today, cancellationToken);
            if (moved && source.Reference > 0)
            {
                await SignalStore.MakeSourceDueAsync(transaction.Connection, source.Name, cancellationToken);
            }

            await transaction.CommitAsync(context.LastProgress with { Stage = "scaling sources" }, cancellationToken);
        }
    }

    // A sample of what is due: the medians are only what little-known terms are drawn to.
    private async Task RefreshMediansAsync(
        JobContext context,
        TrendReadScope scope,
        IReadOnlyList<SignalSource> known,
        IReadOnlyDictionary<string, SourceScale> scales,
        CancellationToken cancellationToken)
    {
        var sample = await trends.ReadDueAsync("", MedianSampleTerms, scope, cancellationToken);
        if (sample.Count == 0)
        {
            return;
        }

        var evaluator = new TrendEvaluator(scales, SourceMedians.None, scope.Today);
        var evaluated = evaluator.EvaluateSources(evaluator.WithoutOutdated(sample, known));
        var medians = SourceMedians.From(evaluated);
        var counts = evaluated.CountBy(trend => trend.Source).ToDictionary(StringComparer.Ordinal);
        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        foreach (var source in known)
        {
            if (source.MedianOn != scope.Today && counts.GetValueOrDefault(source.Name) >= MedianSampleReadings)
            {
                await SignalSourceStore.WriteMedianAsync(
                    transaction.Connection, source.Name, medians.Of(source.Name, 0), scope.Today, cancellationToken);
            }
        }

        await transaction.CommitAsync(context.LastProgress with { Stage = "taking medians" }, cancellationToken);
    }

    private static SourceScale ToScale(SignalSource source)
        => source.Scale switch
        {
            SignalScale.Unit => new SourceScale(source.Name, SignalScale.Unit, 1),
            SignalScale.Index => new SourceScale(source.Name, SignalScale.Index, 100),
            SignalScale.Percent => new SourceScale(source.Name, SignalScale.Percent, 100),
            SignalScale.Count => new SourceScale(source.Name, SignalScale.Count, source.Reference > 0 ? source.Reference : 1),
            _ => throw new ArgumentOutOfRangeException(nameof(source), source.Scale, null),
        };
}
