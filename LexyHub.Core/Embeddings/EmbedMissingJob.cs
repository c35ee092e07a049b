using System.Text.Json.Nodes;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Embeddings;

/// <summary>Vectors for every keyword and listing that has none for the current model and text.</summary>
public sealed class EmbedMissingJob(
    IEmbeddingServiceFactory services,
    KeywordTerms keywordTerms,
    IOptions<EmbeddingOptions> options,
    IEnumerable<IEmbeddingFollowUp> followUps,
    TimeProvider time,
    ILogger<EmbedMissingJob> logger) : IJob
{
    private const int TwinsPerWrite = 1_024;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var service = services.Resolve();
        var scope = EmbeddingScope.Of(service, options.Value);
        context.BeginStage("keywords");
        await keywordTerms.SyncAsync(context, cancellationToken);
        context.BeginStage("comparing");
        await new EmbeddingReconciliation(time, logger).RunAsync(context, scope, cancellationToken);

        context.BeginStage("embedding");
        var store = new DueStore(context.DataSource, scope);
        var tally = new EmbeddingTally(service.Model, service.PricePerMillionTokens);
        var stopped = (StopReason?)null;
        if (context.StopRequested is null && await store.CountAsync(cancellationToken) is { All: > 0 } due)
        {
            tally.Remaining = due.All;
            var feed = new DueFeed(store, scope, due, time, context.BudgetToken);
            stopped = await EmbedAsync(context, service, scope, feed, tally, cancellationToken);
            tally.Remaining = stopped is null && context.StopRequested is null ? 0 : (await store.CountAsync(cancellationToken)).All - tally.FailedDue;
        }

        var counts = Describe(tally);
        foreach (var followUp in followUps)
        {
            await followUp.RunAsync(context, service, counts, cancellationToken);
        }

        stopped ??= context.StopRequested is { } reason && tally.Remaining > 0 ? reason : null;
        return new JobOutcome
        {
            Processed = tally.Processed,
            Failed = tally.Failed,
            Remaining = Math.Max(0, tally.Remaining),
            Tokens = tally.Tokens,
            Stopped = stopped,
            Message = tally is { Processed: 0, Failed: 0, Remaining: <= 0 } ? "Every keyword and listing has its vector." : null,
            Errors = tally.Errors,
            Counts = counts,
        };
    }

    // The cap is kept by what texts may cost at most; what they did cost less is given to another round.
    private async Task<StopReason?> EmbedAsync(
        JobContext context, IEmbeddingService service, EmbeddingScope scope, DueFeed feed, EmbeddingTally tally, CancellationToken cancellationToken)
    {
        var writer = new EmbeddingWriter(context, service, scope, tally, time, logger);
        while (true)
        {
            var allowance = await AllowanceAsync(context, service, cancellationToken);
            using var round = new EmbeddingPipeline(service, feed.ReadAsync(allowance), writer);
            try
            {
                await round.RunAsync(context.BudgetToken, cancellationToken);
            }
            catch (RemoteServiceException e) when (e.Code == "rate-limited")
            {
                Log.RateLimited(logger, e.Message);
                return StopReason.RateLimit;
            }
            catch (OperationCanceledException) when (context.StopRequested is { } reason && !cancellationToken.IsCancellationRequested)
            {
                return reason;
            }

            if (feed.Ended)
            {
                if (await CopyTwinsAsync(feed, writer, cancellationToken))
                {
                    return null;
                }
            }
            else if (feed.Fed == 0)
            {
                return StopReason.Cap;
            }
        }
    }

    /// <returns>False where some are left whose text got no vector after all: they are given out like any other.</returns>
    private static async Task<bool> CopyTwinsAsync(DueFeed feed, EmbeddingWriter writer, CancellationToken cancellationToken)
    {
        var left = new List<Twin>();
        foreach (var twins in feed.TakeHeldBack().Chunk(TwinsPerWrite))
        {
            left.AddRange(await writer.WriteAsync(EmbeddingWrite.Copied(twins), cancellationToken));
        }

        if (left.Count > 0)
        {
            feed.PutBack(left);
        }

        return left.Count == 0;
    }

    private async Task<long?> AllowanceAsync(JobContext context, IEmbeddingService service, CancellationToken cancellationToken)
    {
        if (options.Value.MaxTokensPerDay is not { } cap || service.IsLocal)
        {
            return null;
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return Math.Max(0, cap - await DayUsageStore.Embeddings.ReadTokensAsync(context.DataSource, today, cancellationToken));
    }

    private static JsonObject Describe(EmbeddingTally tally) => new()
    {
        ["keywords"] = tally.Keywords,
        ["listings"] = tally.Listings,
        ["requests"] = tally.Requests,
        ["tokens"] = tally.Tokens,
        ["model"] = tally.Model,
        ["estimatedCostUsd"] = tally.EstimatedCostUsd,
        ["skipped"] = tally.Skipped,
        ["truncated"] = tally.Truncated,
        ["quarantined"] = tally.Quarantined,
    };
}
