using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace LexyHub.Core.Embeddings;

/// <summary>Reads, embeds and writes at the same time, with a bounded number of texts and vectors between any two.</summary>
internal sealed class EmbeddingPipeline(IEmbeddingService service, IAsyncEnumerable<DuePage> pages, EmbeddingWriter writer)
{
    private readonly Channel<IReadOnlyList<DueText>> texts = Channel.CreateBounded<IReadOnlyList<DueText>>(1);
    private readonly Channel<EmbeddingWrite> writes = Channel.CreateBounded<EmbeddingWrite>(1);
    private readonly ConcurrentDictionary<string, DueText> underWay = new(StringComparer.Ordinal);
    private ExceptionDispatchInfo? failure;

    /// <param name="budget">Ends reading and sending; what was answered is still written.</param>
    /// <param name="cancellationToken">Ends writing: the lease is lost.</param>
    /// <exception cref="Exception">The first failure of any stage, after what was answered before it has been written.</exception>
    public async Task RunAsync(CancellationToken budget, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(budget, cancellationToken);
        var writing = GuardAsync(() => WriteAsync(cancellationToken), stop);
        await Task.WhenAll(
            GuardAsync(() => ReadAsync(stop.Token), stop),
            GuardAsync(() => EmbedAsync(stop.Token), stop));
        writes.Writer.TryComplete();
        await writing;
        failure?.Throw();
    }

    private async Task GuardAsync(Func<Task> stage, CancellationTokenSource stop)
    {
        try
        {
            await Task.Run(stage);
        }
        catch (Exception e)
        {
            // What the others say once they are stopped follows from this.
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
            await stop.CancelAsync();
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var page in pages.WithCancellation(stop))
            {
                if (page.Texts.Count > 0)
                {
                    await texts.Writer.WriteAsync(page.Texts, stop);
                }

                if (page.SettledTerms.Count + page.SettledListings.Count > 0)
                {
                    await writes.Writer.WriteAsync(EmbeddingWrite.Settled(page), stop);
                }
            }
        }
        finally
        {
            texts.Writer.Complete();
        }
    }

    private async Task EmbedAsync(CancellationToken stop)
    {
        // Answers that arrive after the budget are paid for: they are written too.
        await foreach (var result in service.EmbedAsync(InputsAsync(), stop))
        {
            await writes.Writer.WriteAsync(EmbeddingWrite.Answered(result, Take), CancellationToken.None);
        }
    }

    private async IAsyncEnumerable<EmbeddingInput> InputsAsync()
    {
        await foreach (var page in texts.Reader.ReadAllAsync())
        {
            foreach (var text in page)
            {
                underWay[text.Input.Key] = text;
                yield return text.Input;
            }
        }
    }

    private DueText Take(EmbeddingInput input)
        => underWay.TryRemove(input.Key, out var text)
            ? text
            : throw new InvalidOperationException($"The answer names a text that was not asked for: {input.Key}.");

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var write in writes.Reader.ReadAllAsync(cancellationToken))
            {
                await writer.WriteAsync(write, cancellationToken);
            }
        }
        catch
        {
            // So that nobody waits for room.
            writes.Writer.TryComplete();
            throw;
        }
    }
}
