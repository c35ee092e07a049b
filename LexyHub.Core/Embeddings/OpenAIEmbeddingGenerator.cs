using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using Azure.Identity;
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
    EmbeddingClient client, string service, string? sentModel, int? sentDimensions, int dimensions, SecretMask mask, TimeProvider timeProvider)
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
        using var response = await SendAsync(EmbeddingWire.Request(texts, sentModel, sentDimensions), cancellationToken);
        var (vectors, tokens) = await ReadAsync(response, texts.Count, cancellationToken);
        return new GeneratedEmbeddings<Embedding<float>>(vectors.Select(vector => new Embedding<float>(vector)))
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

    private async Task<PipelineResponse> SendAsync(BinaryData body, CancellationToken cancellationToken)
    {
        try
        {
            using var content = BinaryContent.Create(body);
            var result = await client.GenerateEmbeddingsAsync(content, new RequestOptions
            {
                CancellationToken = cancellationToken,
                ErrorOptions = ClientErrorBehaviors.NoThrow,

                // The handler has buffered it already, and it can be 34 MB.
                BufferResponse = false,
            });
            return result.GetRawResponse();
        }
        catch (Exception e) when (Unwrap(e) is { } cause)
        {
            throw TransportError.ToError(service, cause);
        }
        catch (AuthenticationFailedException e)
        {
            // Its text is pages long and names what was looked for on this machine.
            throw new JobException(
                "provider-unauthorized", 502,
                $"No token for {service} could be had. Set AZURE_OPENAI_API_KEY, or give this host a managed identity with the role "
                + "Cognitive Services OpenAI User.", e);
        }
    }

    private async Task<(ReadOnlyMemory<float>[] Vectors, long Tokens)> ReadAsync(
        PipelineResponse response, int count, CancellationToken cancellationToken)
    {
        // Taken away from the response, which else would buffer it once more when it is disposed of. It lies over memory that the
        // handler filled: there is nothing to wait for, and no copy where it shows its buffer.
        await using var content = response.ContentStream ?? Stream.Null;
        response.ContentStream = null;
        using var copy = new MemoryStream();
        ReadOnlyMemory<byte> bytes;
        if (content is MemoryStream memory && memory.TryGetBuffer(out var segment))
        {
            bytes = segment;
        }
        else
        {
            copy.Capacity = content.CanSeek ? (int)content.Length : 0;
            await content.CopyToAsync(copy, cancellationToken);
            bytes = copy.GetBuffer().AsMemory(0, (int)copy.Length);
        }

        if (response.Status is >= 200 and < 300)
            return EmbeddingWire.ReadAnswer(bytes.Span, count, dimensions);

        using var headers = new HttpResponseMessage((HttpStatusCode)response.Status);
        foreach (var (name, value) in response.Headers)
            headers.Headers.TryAddWithoutValidation(name, value);
        var refusal = ProviderRefusal.Read(headers.StatusCode, bytes, RetryAfter.Read(headers, timeProvider.GetUtcNow()), mask);
        throw new ProviderRefusedException(
            service, refusal.RetryAfter is null ? refusal with { RetryAfter = RetryAfter.FromText(refusal.Message) } : refusal);
    }

    private static Exception? Unwrap(Exception exception) => exception switch
    {
        _ when TransportError.Is(exception) => exception,
        ClientResultException { InnerException: { } inner } when TransportError.Is(inner) => inner,
        _ => null,
    };
}
