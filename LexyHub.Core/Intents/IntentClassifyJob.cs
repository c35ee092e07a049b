using System.Runtime.CompilerServices;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Intents;

/// <summary>Purchase intent of every keyword and listing whose text, model, prompt or taxonomy is new.</summary>
public sealed class IntentClassifyJob(
    IChatServiceFactory services, IOptions<IntentOptions> options, TimeProvider time, ILogger<IntentClassifyJob> logger) : IJob
{
    /// <summary>Items a transaction where the lexicon decides.</summary>
    private const int LexiconPage = 4_000;

    private const int RequestsAPage = 8;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var service = services.Resolve();
        var scope = IntentScope.Of(service);
        await new IntentReconciliation(time, logger).RunAsync(context, scope, cancellationToken);

        var store = new IntentDueStore(context.DataSource, scope);
        var tally = new IntentTally(scope, service);
        var stopped = (StopReason?)null;
        if (context.StopRequested is null && await store.CountAsync(cancellationToken) is > 0 and var due)
        {
            tally.Remaining = due;
            using var writer = new IntentWriter(context, scope, service, tally, time, logger);
            stopped = service is null
                ? await ClassifyByLexiconAsync(context, store, writer, cancellationToken)
                : await ClassifyByModelAsync(context, store, writer, service, cancellationToken);
            tally.Remaining = await store.CountAsync(cancellationToken) - tally.FailedDue;
        }

        stopped ??= context.StopRequested is { } reason && tally.Remaining > 0 ? reason : null;
        return new JobOutcome
        {
            Processed = tally.Processed,
            Failed = tally.Failed,
            Remaining = stopped is null ? 0 : Math.Max(0, tally.Remaining),
            Tokens = tally.Tokens,
            Stopped = stopped,
            Message = tally is { Processed: 0, Failed: 0 } && stopped is null ? "Every keyword and listing is classified." : null,
            Errors = tally.Errors,
            Counts = tally.Describe(),
        };
    }

    private async Task<StopReason?> ClassifyByLexiconAsync(
        JobContext context, IntentDueStore store, IntentWriter writer, CancellationToken cancellationToken)
    {
        // While a page is written, the next one is read and classified.
        var writing = Task.CompletedTask;
        try
        {
            foreach (var keys in (await store.ReadQueueAsync(time.GetUtcNow(), cancellationToken)).Chunk(LexiconPage))
            {
                if (context.StopRequested is { } reason)
                    return reason;

                var page = await store.ReadAsync(keys, time.GetUtcNow(), cancellationToken);
                var write = new IntentWrite { Skipped = page.Blank };
                write.Settled.AddRange(page.Settled);
                foreach (var item in page.Items)
                    write.Classified.Add((item, Describe(item.Text), 0));
                await writing;
                writing = writer.WriteAsync(write, cancellationToken);
            }

            return null;
        }
        finally
        {
            await writing;
        }
    }

    private async Task<StopReason?> ClassifyByModelAsync(
        JobContext context, IntentDueStore store, IntentWriter writer, IChatService service, CancellationToken cancellationToken)
    {
        var calibration = await CalibrationStore.ReadAsync(context.DataSource, service.Model, IntentPrompt.Version, cancellationToken);
        var layers = new IntentLayers(options.Value, new IntentModelClassifier(service, calibration, logger), await AllowanceAsync(context, cancellationToken));
        var queue = await store.ReadQueueAsync(time.GetUtcNow(), cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.BudgetToken, cancellationToken);
        try
        {
            await Parallel.ForEachAsync(
                ReadBatchesAsync(store, queue, () => layers.IsCapped && !options.Value.LexiconFirst, stop.Token),
                new ParallelOptions { MaxDegreeOfParallelism = service.MaxConcurrency, CancellationToken = stop.Token },
                async (page, _) =>
                {
                    var (write, ended) = await layers.ClassifyAsync(page, stop.Token);

                    // What was answered is paid for: it is written before anything else, whatever ended the batch.
                    await writer.WriteAsync(write, cancellationToken);
                    if (ended is not null)
                    {
                        await stop.CancelAsync();
                        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(ended);
                    }
                });
        }
        catch (RemoteServiceException e) when (e.Code == "rate-limited")
        {
            Log.RateLimited(logger, e.Message);
            return StopReason.RateLimit;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            if (context.StopRequested is { } reason)
                return reason;
            if (layers.Fatal is { } fatal)
                return ReasonOf(fatal);
        }

        return layers.IsCapped ? StopReason.Cap : null;
    }

    // Texts of several requests by one query, and the next ones while these are asked and written.
    private async IAsyncEnumerable<DuePage> ReadBatchesAsync(
        IntentDueStore store, List<DueKey> queue, Func<bool> isOver, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = new Queue<DueKey[]>(queue.Chunk(options.Value.BatchSize * RequestsAPage));
        var reading = ReadNextAsync();
        try
        {
            while (!isOver() && await reading is { } page)
            {
                reading = ReadNextAsync();
                if (page.Settled.Count > 0)
                    yield return page with { Items = [] };
                foreach (var items in page.Items.Chunk(options.Value.BatchSize))
                {
                    if (isOver())
                        yield break;
                    yield return new DuePage(items, [], 0);
                }
            }
        }
        finally
        {
            // It was read in vain; what became of it is nobody's concern.
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<DuePage?> ReadNextAsync()
            => pages.TryDequeue(out var keys) ? await store.ReadAsync(keys, time.GetUtcNow(), cancellationToken) : null;
    }

    // Another batch was cancelled by the one that failed, and was heard first.
    private static StopReason? ReasonOf(Exception fatal)
    {
        if (fatal is RemoteServiceException { Code: "rate-limited" })
            return StopReason.RateLimit;

        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fatal);
        return null;
    }

    private async Task<DayAllowance> AllowanceAsync(JobContext context, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var (items, tokens) = await IntentUsageStore.ReadAsync(context.DataSource, today, cancellationToken);
        return new DayAllowance(options.Value.MaxItemsPerDay - items, options.Value.MaxTokensPerDay - tokens);
    }

    private static Classification Describe(string text)
    {
        var classifier = LexiconClassifier.English;
        return LexiconWording.Describe(text, classifier.Classify(text), classifier.Lexicon);
    }
}
