using System.Runtime.CompilerServices;
using LexyHub.Core.Embeddings;

namespace LexyHub.Core.Tests.Clusters;

/// <summary>A provider that knows what a term is about: its first word. Terms of one topic are near each other, others are not;
/// what begins with "odd" is about nothing else.</summary>
internal sealed class TopicEmbeddings : IEmbeddingService, IEmbeddingServiceFactory
{
    // What the clustering of this model reads.
    private const int Prefix = 512;

    public string Model { get; set; } = "text-embedding-3-large";

    public int Dimensions => 3_072;

    public bool IsLocal => false;

    public decimal PricePerMillionTokens => 0;

    /// <summary>How far terms are from their topic.</summary>
    public float Noise { get; set; } = 0.5f;

    /// <summary>Every term's vector.</summary>
    public float[]? Same { get; set; }

    public IEmbeddingService Resolve() => this;

    public (int Tokens, bool Truncated) Measure(string text) => (1, false);

    public float[] VectorOf(string term)
    {
        if (Same is not null)
        {
            return Same;
        }

        var topic = term.StartsWith("odd", StringComparison.Ordinal) ? term : term.Split(' ')[0];
        var (about, other) = (Direction(topic), Direction("noise " + term));
        return [.. about.Zip(other, (one, two) => one + (Noise * two))];
    }

    public async IAsyncEnumerable<EmbeddingBatchResult> EmbedAsync(
        IAsyncEnumerable<EmbeddingInput> inputs, [EnumeratorCancellation] CancellationToken budget)
    {
        var batch = await inputs.Select(input => new EmbeddedText(input, VectorOf(input.Text), 1, false)).ToListAsync(budget);
        if (batch.Count > 0)
        {
            yield return new EmbeddingBatchResult(batch, [], [], 1, batch.Count);
        }
    }

    // Of length one within the prefix and without it.
    private float[] Direction(string text)
    {
        var random = new Random(text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c)));
        var vector = Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var length = MathF.Sqrt(vector.Take(Prefix).Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }
}
