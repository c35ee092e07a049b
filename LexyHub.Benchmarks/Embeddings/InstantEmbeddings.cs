using System.Net;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Http;
using LexyHub.Core.Providers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>The product's own client over a service that answers at once, with vectors made beforehand: texts are counted, packed
/// and paced as ever; only the network is left out.</summary>
internal sealed class InstantEmbeddings : IEmbeddingServiceFactory, IDisposable
{
    private readonly EmbeddingService service;

    /// <param name="vectors">The n-th text of a request gets the n-th, from the first again after the last.</param>
    /// <param name="model">Another than the product's own.</param>
    public InstantEmbeddings(IReadOnlyList<float[]> vectors, string? model = null)
    {
        var options = new EmbeddingOptions();
        options.Model = model ?? options.Model;
        var pace = new RequestPace("Instant", options.MaxConcurrency, TimeProvider.System, NullLogger.Instance);
        service = new EmbeddingService(
            "Instant", new Generator(pace, vectors), pace, options, TimeProvider.System, NullLogger<EmbeddingService>.Instance);
    }

    public IEmbeddingService Resolve() => service;

    public void Dispose() => service.Dispose();

    public static IReadOnlyList<float[]> MakeVectors(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 3_072).Select(_ => random.NextSingle() - 0.5f).ToArray())];
    }

    private sealed class Generator(IHttpAttemptGate gate, IReadOnlyList<float[]> vectors) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
        {
            using var attempt = await gate.EnterAsync(cancellationToken);
            using var response = new HttpResponseMessage(HttpStatusCode.OK);
            attempt.Answered(response);
            await attempt.BeforeBodyAsync(cancellationToken);
            return new GeneratedEmbeddings<Embedding<float>>(values.Select((_, i) => new Embedding<float>(vectors[i % vectors.Count])));
        }

        public object? GetService(Type serviceType, object? serviceKey) => null;

        public void Dispose()
        {
        }
    }
}
