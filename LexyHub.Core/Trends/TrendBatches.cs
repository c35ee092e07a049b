using System.Threading.Channels;

namespace LexyHub.Core.Trends;

/// <summary>Reads due terms and works them out, two batches ahead of the caller: first those with new readings, then those
/// that change today without one.</summary>
internal sealed class TrendBatches : IAsyncDisposable
{
    // The writer should have something to do soon; each batch joins the keywords once, so that large ones are better later.
    private const int FirstBatchTerms = 4_000;
    private const int MaxBatchTerms = 50_000;

    private readonly TrendStore store;
    private readonly SignalSourceStore sources;
    private readonly TrendEvaluator evaluator;
    private readonly TrendReadScope scope;
    private readonly int batchReadings;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource abandoned = new();
    private readonly Channel<TrendBatch> ready = Channel.CreateBounded<TrendBatch>(1);
    private readonly Task reading;
    private int batchTerms;
    private string after = "";
    private bool decaying;

    public TrendBatches(
        TrendStore store, SignalSourceStore sources, TrendEvaluator evaluator, TrendReadScope scope, int batchReadings, TimeProvider time)
    {
        this.store = store;
        this.sources = sources;
        this.evaluator = evaluator;
        this.scope = scope;
        this.batchReadings = batchReadings;
        this.time = time;
        batchTerms = Math.Min(FirstBatchTerms, batchReadings);
        reading = Task.Run(ReadAllAsync);
    }

    /// <returns>The next batch to write, or null after the last.</returns>
    public async Task<TrendBatch?> NextAsync(CancellationToken cancellationToken)
    {
        if (await ready.Reader.WaitToReadAsync(cancellationToken) && ready.Reader.TryRead(out var batch))
        {
            return batch;
        }

        await reading;
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await abandoned.CancelAsync();

        // Its connection must be free before the caller goes on; its failure was either thrown by NextAsync or is of no use.
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        abandoned.Dispose();
    }

    private async Task ReadAllAsync()
    {
        try
        {
            while (await ReadAsync() is { } batch)
            {
                await ready.Writer.WriteAsync(batch, abandoned.Token);
            }
        }
        finally
        {
            ready.Writer.Complete();
        }
    }

    private async Task<TrendBatch?> ReadAsync()
    {
        var terms = await ReadTermsAsync();
        if (terms.Count == 0 && !decaying)
        {
            decaying = true;
            after = "";
            terms = await ReadTermsAsync();
        }

        if (terms.Count == 0)
        {
            return null;
        }

        after = terms[^1].Term;
        batchTerms = NextCount(terms);

        // Read after the terms: an importer that changes a scale later than this makes its terms due anew.
        var current = await sources.ReadAsync(abandoned.Token);
        return evaluator.Evaluate(evaluator.WithoutOutdated(terms, current), time.GetUtcNow());
    }

    private Task<IReadOnlyList<DueTerm>> ReadTermsAsync()
        => decaying
            ? store.ReadDecayingAsync(after, batchTerms, scope, abandoned.Token)
            : store.ReadDueAsync(after, batchTerms, scope, abandoned.Token);

    // Terms have from one reading to thousands: the next batch holds as many as bring about the wanted number of readings. It
    // at most doubles, so that the writer need not wait for the reader.
    private int NextCount(IReadOnlyList<DueTerm> terms)
    {
        var readings = Math.Max(1, terms.Sum(term => (long)term.ReadingCount));
        return (int)Math.Clamp(batchReadings * (long)terms.Count / readings, 1, Math.Min(2 * batchTerms, MaxBatchTerms));
    }
}
