using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using Azure.Identity;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Providers;

/// <summary>One request through a client of the SDK, with both bodies ours: address, credentials and pipeline are the SDK's.</summary>
/// <param name="service">As it is called in errors.</param>
/// <param name="mask">Knows the secrets that a refusal may quote.</param>
internal sealed class ProviderExchange(string service, SecretMask mask, TimeProvider timeProvider)
{
    /// <param name="send">A protocol method of the SDK's client.</param>
    /// <param name="read">Reads the body of a 2xx; the memory is not to be kept.</param>
    /// <exception cref="ProviderRefusedException">The answer is no 2xx.</exception>
    /// <exception cref="RemoteServiceException">There is no answer, or its wait would outlast the run.</exception>
    /// <exception cref="JobException"><c>provider-unauthorized</c>: the identity gives no token.</exception>
    public async Task<TAnswer> SendAsync<TAnswer>(
        BinaryData body, Func<BinaryContent, RequestOptions, Task<ClientResult>> send, Func<ReadOnlyMemory<byte>, TAnswer> read,
        CancellationToken cancellationToken)
    {
        try
        {
            using var content = BinaryContent.Create(body);
            var result = await send(content, new RequestOptions
            {
                CancellationToken = cancellationToken,
                ErrorOptions = ClientErrorBehaviors.NoThrow,

                // The handler has read it already.
                BufferResponse = false,
            });
            using var response = result.GetRawResponse();
            return await ReadAsync(response, read, cancellationToken);
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

    private async Task<TAnswer> ReadAsync<TAnswer>(
        PipelineResponse response, Func<ReadOnlyMemory<byte>, TAnswer> read, CancellationToken cancellationToken)
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
            return read(bytes);

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
