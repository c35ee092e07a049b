using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace LexyHub.Core.Embeddings;

/// <summary>Reads, embeds and writes at the same time. What was answered is written before another answer is taken, so that
/// answers which are paid for and not yet written are never more than the requests that may be under way.</summary>
internal sealed class EmbeddingPipeline(IEmbeddingService service, IAsyncEnumerable<DuePage> pages, EmbeddingWriter writer) : IDisposable
{
    /// <summary>As many as are read ahead.</summary>
    private const int TextsBetweenCollections = EmbeddingRun.WindowInputs;

    private readonly Channel<IReadOnlyList<DueText>> texts = Channel.CreateBounded<IReadOnlyList<DueText>>(1);
    private readonly SemaphoreSlim writing = new(1);
    private ExceptionDispatchInfo? failure;
    private int answered;

    /// <param name="budget">Ends reading and sending; what was answered is still written.</param>
    /// <param name="cancellationToken">Ends writing: the lease is lost.</param>
    /// <exception cref="Exception">The first failure of any stage, after what was answered before it has been written.</exception>
    public async Task RunAsync(CancellationToken budget, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(budget, cancellationToken);
        await Task.WhenAll(
            GuardAsync(() => ReadAsync(stop.Token, cancellationToken), stop),
            GuardAsync(() => EmbedAsync(stop.Token, cancellationToken), stop));
        failure?.Throw();
    }

    public void Dispose() => writing.Dispose();

    private async Task GuardAsync(Func<Task> stage, CancellationTokenSource stop)
    {
        try
        {
            await Task.Run(stage);
        }
        catch (Exception e)
        {
            // What the other says once it is stopped follows from this.
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            await stop.CancelAsync();
        }
    }

    private async Task ReadAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var page in pages.WithCancellation(stop))
            {
                if (page.Texts.Count > 0)
                {
                    await texts.Writer.WriteAsync(page.Texts, stop);
                }

                if (page.SettledTerms.Count + page.SettledListings.Count + page.Twins.Count > 0)
                {
                    await WriteAsync(EmbeddingWrite.Settled(page), cancellationToken);
                }
            }
        }
        finally
        {
            texts.Writer.Complete();
        }
    }

    private async Task EmbedAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        // Answers that arrive after the budget are paid for: they are written too.
        await foreach (var result in service.EmbedAsync(InputsAsync(), stop))
        {
            await WriteAsync(EmbeddingWrite.Answered(result), cancellationToken);

            CollectNowAndThen(result);
        }
    }

    // The youngest generation may grow to the size of the processor's cache, 260 MB on some servers, and no setting that an app brings
    // along bounds it; and every text lives long enough to end in the oldest one. So what answered texts leave behind is
    // given back here: memory depends on neither the machine nor the backlog, for about two hundredths of the time.
    private void CollectNowAndThen(EmbeddingBatchResult result)
    {
        answered += result.Embedded.Count;
        if (answered >= TextsBetweenCollections)
        {
            answered = 0;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
        }
    }

    private async IAsyncEnumerable<EmbeddingInput> InputsAsync()
    {
        await foreach (var page in texts.Reader.ReadAllAsync())
        {
            foreach (var text in page)
            {
                yield return text;
            }
        }
    }

    private async Task WriteAsync(EmbeddingWrite write, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await writer.WriteAsync(write, cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }
}
