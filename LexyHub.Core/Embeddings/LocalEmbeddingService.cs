using System.Runtime.CompilerServices;

namespace LexyHub.Core.Embeddings;

/// <summary>The local provider: <see cref="LexicalEmbedding"/>, without requests, tokens or cost.</summary>
internal sealed class LocalEmbeddingService(int dimensions) : IEmbeddingService
{
    private const int BatchSize = 512;

    public string Model => LexicalEmbedding.Model;

    public int Dimensions => dimensions;

    public bool IsLocal => true;

    public decimal PricePerMillionTokens => 0;

    public (int Tokens, bool Truncated) Measure(string text) => (0, false);

    public async IAsyncEnumerable<EmbeddingBatchResult> EmbedAsync(
        IAsyncEnumerable<EmbeddingInput> inputs, [EnumeratorCancellation] CancellationToken budget)
    {
        var vectors = new float[BatchSize * dimensions];
        var batch = new List<EmbeddedText>(BatchSize);
        await foreach (var input in inputs.WithCancellation(budget))
        {
            var vector = vectors.AsMemory(batch.Count * dimensions, dimensions);
            LexicalEmbedding.Embed(input.Text, vector.Span);
            batch.Add(new EmbeddedText(input, vector, Tokens: 0, Truncated: false));
            if (batch.Count == BatchSize)
            {
                yield return Result(batch);
                batch = new List<EmbeddedText>(BatchSize);
                budget.ThrowIfCancellationRequested();
            }
        }

        if (batch.Count > 0)
            yield return Result(batch);
    }

    private static EmbeddingBatchResult Result(List<EmbeddedText> batch) => new(batch, [], [], Requests: 0, Tokens: 0);
}
