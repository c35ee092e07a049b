using System.Runtime.CompilerServices;
using LexyHub.Core.Embeddings;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>A provider that answers at once, with full requests and vectors made beforehand.</summary>
internal sealed class InstantEmbeddings : IEmbeddingService, IEmbeddingServiceFactory
{
    private const int BatchSize = 2_048;
    private const int DistinctVectors = 64;

    private static readonly float[][] Vectors = MakeVectors();

    public string Model => "text-embedding-3-large";

    public int Dimensions => 3_072;

    public bool IsLocal => false;

    public decimal PricePerMillionTokens => 0.13m;

    public IEmbeddingService Resolve() => this;

    public static float[] Vector(int number) => Vectors[number % DistinctVectors];

    public async IAsyncEnumerable<EmbeddingBatchResult> EmbedAsync(
        IAsyncEnumerable<EmbeddingInput> inputs, [EnumeratorCancellation] CancellationToken budget)
    {
        var batch = new List<EmbeddedText>(BatchSize);
        await foreach (var input in inputs.WithCancellation(budget))
        {
            batch.Add(new EmbeddedText(input, Vector(batch.Count), 5, false));
            if (batch.Count == BatchSize)
            {
                yield return new EmbeddingBatchResult(batch, [], [], 1, 5 * batch.Count);
                batch = new List<EmbeddedText>(BatchSize);
            }
        }

        if (batch.Count > 0)
        {
            yield return new EmbeddingBatchResult(batch, [], [], 1, 5 * batch.Count);
        }
    }

    private static float[][] MakeVectors()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, DistinctVectors).Select(_ => Enumerable.Range(0, 3_072).Select(_ => random.NextSingle() - 0.5f).ToArray())];
    }
}
