using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.AI;
using EmbeddingClient = OpenAI.Embeddings.EmbeddingClient;

namespace LexyHub.Core.Embeddings;

/// <summary>
/// The embedding client of the OpenAI SDK, or Azure's derived from it, as an <see cref="IEmbeddingGenerator"/>. The ready-made
/// adapter trusts the order of the answer and its client reads base64 alone, so only the SDK's address, credentials and
/// pipeline are used; both bodies are ours.
/// </summary>
/// <param name="sentModel">Null at Azure, where the address names the deployment.</param>
/// <param name="sentDimensions">Null for models that know no such parameter.</param>
internal sealed class OpenAIEmbeddingGenerator(
    EmbeddingClient client, ProviderExchange exchange, string? sentModel, int? sentDimensions, int dimensions)
    : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <exception cref="ProviderRefusedException">The answer is no 2xx.</exception>
    /// <exception cref="EmbeddingAnswerException">The answer is not what was asked for.</exception>
    /// <exception cref="RemoteServiceException">There is no answer, or its wait would outlast the run.</exception>
    /// <exception cref="JobException"><c>provider-unauthorized</c>: the identity gives no token.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = values as IReadOnlyList<string> ?? [.. values];
        var call = ProviderCall.Current as EmbeddingCall ?? throw new InvalidOperationException("Vectors are asked for outside of a call.");
        long billed = 0;
        EmbeddingAnswerException? unusable = null;
        call.BodyReader = async (body, maxBytes, token) =>
        {
            unusable = null;
            try
            {
                billed = await new EmbeddingAnswerReader(texts.Count, dimensions, call.VectorAt).ReadAsync(body, maxBytes, token);
            }
            catch (EmbeddingAnswerException e)
            {
                // Thrown above the handler: it came whole, so the handler has nothing to repeat.
                unusable = e;
            }
        };
        var tokens = await exchange.SendAsync(
            EmbeddingWire.Request(texts, sentModel, sentDimensions),
            client.GenerateEmbeddingsAsync,
            _ => unusable is null ? billed : throw unusable,
            cancellationToken);
        return new GeneratedEmbeddings<Embedding<float>>(Enumerable.Range(0, texts.Count).Select(i => new Embedding<float>(call.VectorAt(i))))
        {
            Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : serviceType == typeof(EmbeddingClient) ? client : null;

    public void Dispose()
    {
        // The client's transport belongs to whoever made it.
    }
}
