using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Trends;

/// <summary>External and synthetic trend signals into <c>trend_series</c> and <c>keywords.trend_momentum</c>.</summary>
public sealed class TrendAggregationJob(
    IEnumerable<ITrendSource> sources,
    KeywordTerms keywordTerms,
    IOptions<TrendOptions> options,
    TimeProvider time,
    ILogger<TrendAggregationJob> logger) : IJob
{
    private const string PushedName = "signals";

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var sourceStore = new SignalSourceStore(context.DataSource);
        var store = new TrendStore(context.DataSource);

        context.BeginStage("keywords");
        await keywordTerms.SyncAsync(context, cancellationToken);
        context.BeginStage("collecting");
        var reports = await new TrendCollector(sources, sourceStore, time, logger).CollectAsync(context, today, cancellationToken);

        context.BeginStage("aggregating");
        var known = await sourceStore.ReadAsync(cancellationToken);
        var pushed = known.Where(source => source.Pushed).Select(source => source.Name).ToHashSet(StringComparer.Ordinal);
        var scope = new TrendReadScope(
            today,
            options.Value.HistoryDays,
            options.Value.Signals.Enabled,
            [.. known.Where(source => !source.Pushed).Select(source => source.Name)]);
        var totals = await AggregateAsync(context, store, sourceStore, scope, pushed, cancellationToken);

        var failures = reports.Where(report => report.Error is not null).ToList();
        var configured = reports.Count(report => report.NotConfigured is null);
        if (configured > 0 && failures.Count == configured && totals.Signals == 0)
        {
            throw new JobException(
                "all-sources-failed", 502, "Every configured trend source failed. " + string.Join(" ", failures.Select(report => $"{report.Name}: {report.Error}")));
        }

        var stopped = context.StopRequested is { } reason && (totals.Remaining > 0 || reports.Any(report => report.Stopped)) ? reason : (StopReason?)null;
        return new JobOutcome
        {
            Processed = totals.Signals,
            Failed = failures.Count,
            SomethingSucceeded = reports.Any(report => report.Completed),
            Remaining = totals.Remaining,
            Stopped = stopped,
            Message = totals is { Signals: 0, Keywords: 0, Remaining: 0 } && failures.Count == 0 ? "No signal is new, and no keyword's trend has changed." : null,
            Errors = failures.ConvertAll(report => new ItemError(report.Name, report.Error!)),
            Counts = new JsonObject
            {
                ["keywordsUpdated"] = totals.Keywords,
                ["terms"] = totals.Terms,
                ["seriesUpdated"] = totals.Series,
                ["sources"] = Describe(reports, totals.Pushed),
            },
        };
    }

    private async Task<Totals> AggregateAsync(
        JobContext context, TrendStore store, SignalSourceStore sourceStore, TrendReadScope scope, HashSet<string> pushed, CancellationToken cancellationToken)
    {
        var totals = new Totals();
        if (context.StopRequested is null && await store.CountDueAsync(scope.Today, cancellationToken) is > 0 and var due)
        {
            totals.Remaining = due;
            var (scales, medians) = await new TrendScales(sourceStore, store).PrepareAsync(context, scope, cancellationToken);
            var evaluator = new TrendEvaluator(scales, medians, scope.Today);

            // The next batch is read and worked out while this one is written.
            await using var batches = new TrendBatches(store, sourceStore, evaluator, scope, options.Value.BatchReadings, time);
            while (context.StopRequested is null && await batches.NextAsync(cancellationToken) is { } batch)
            {
                await WriteAsync(context, batch, scope.Today, totals, pushed, cancellationToken);
            }
        }

        totals.Remaining = context.StopRequested is null ? 0 : await store.CountDueAsync(scope.Today, cancellationToken);
        return totals;
    }

    private async Task WriteAsync(
        JobContext context, TrendBatch batch, DateOnly today, Totals totals, HashSet<string> pushed, CancellationToken cancellationToken)
    {
        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        var (series, keywords) = await TrendStore.WriteAsync(transaction.Connection, batch, today, cancellationToken);
        totals.Terms += batch.Terms.Count;
        totals.Signals += batch.SeriesTerms.Count;
        totals.Series += series;
        totals.Keywords += keywords;
        totals.Remaining = Math.Max(0, totals.Remaining - batch.Terms.Count);
        foreach (var source in batch.SeriesSources)
        {
            totals.Pushed += pushed.Contains(source) ? 1 : 0;
        }

        await transaction.CommitAsync(new JobProgress("aggregating", totals.Signals, 0, totals.Remaining), cancellationToken);
        Log.Aggregated(logger, batch.Terms.Count, series, keywords);
    }

    private JsonObject Describe(IReadOnlyList<SourceReport> reports, long pushedSignals)
    {
        var described = new JsonObject();
        foreach (var report in reports)
        {
            described[report.Name] = report switch
            {
                { NotConfigured: { } reason } => new JsonObject { ["signals"] = 0, ["status"] = "not-configured", ["message"] = reason },
                { Error: { } error } => new JsonObject { ["signals"] = report.Signals, ["error"] = error },
                _ => new JsonObject { ["signals"] = report.Signals },
            };
        }

        described[PushedName] = options.Value.Signals.Enabled
            ? new JsonObject { ["signals"] = pushedSignals }
            : new JsonObject { ["signals"] = 0, ["status"] = "not-configured", ["message"] = "Trends:Signals:Enabled is false." };
        return described;
    }

    private sealed class Totals
    {
        public long Terms { get; set; }

        /// <summary>Readings worked on.</summary>
        public long Signals { get; set; }

        /// <summary>Of them, points of <c>trend_series</c> that are new or changed.</summary>
        public long Series { get; set; }

        public long Keywords { get; set; }

        public long Pushed { get; set; }

        public long Remaining { get; set; }
    }
}
