using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace LexyHub.Core.Http;

/// <summary>Turns a service's answer into a value, or into an error that an operator understands.</summary>
/// <param name="service">As it is called in errors.</param>
/// <param name="mask">Applied to what the service itself says.</param>
public sealed class ResponseReader(string service, SecretMask mask, TimeProvider timeProvider)
{
    /// <param name="maxBytes">Longest body that is read, decompressed.</param>
    /// <exception cref="RemoteServiceException">
    /// The status is not 2xx, or the body is too long, breaks off, is no JSON, is <c>null</c> or has another shape.
    /// </exception>
    public async Task<T> ReadJsonAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> typeInfo, int maxBytes, CancellationToken cancellationToken)
        where T : class
    {
        await BufferAsync(response, maxBytes, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await ToErrorAsync(response, cancellationToken);

        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, typeInfo, cancellationToken)
                ?? throw BadResponse(response, "an empty JSON value");
        }
        catch (JsonException e)
        {
            // The exception's own text can quote the body.
            var place = string.Create(
                CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
            throw BadResponse(response, $"a body that is not the expected JSON: malformed, cut off or of another shape at {place}");
        }
    }

    /// <summary>The error that a refusal stands for.</summary>
    public async Task<RemoteServiceException> ToErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await ErrorBody.ReadAsync(response, cancellationToken);
        var wait = RetryAfter.Read(response, timeProvider.GetUtcNow());
        var said = body.Message ?? body.Code;
        var message = $"{service} answered {(int)response.StatusCode} {response.StatusCode}"
            + (said is null ? "." : $": {mask.Apply(said).TrimEnd('.')}.")
            + (wait is { } time ? string.Create(CultureInfo.InvariantCulture, $" It asks to wait {time.TotalSeconds:0.#} s.") : "");
        return new RemoteServiceException(CodeOf(response.StatusCode, body), message)
        {
            StatusCode = response.StatusCode,
            ServiceCode = body.Code is null ? null : mask.Apply(body.Code),
            RetryAfter = wait,
        };
    }

    private async Task BufferAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(maxBytes, cancellationToken);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw TransportError.TooLarge(service, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw BadResponse(response, "a body that breaks off", e);
        }
    }

    private RemoteServiceException BadResponse(HttpResponseMessage response, string what, Exception? cause = null)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        return new RemoteServiceException(
            "bad-response",
            $"{service} answered {(int)response.StatusCode} with {what}{(type is null ? "" : $" (content type {mask.Apply(type)})")}.",
            cause)
        {
            StatusCode = response.StatusCode,
        };
    }

    private static string CodeOf(HttpStatusCode status, ErrorBody body) => status switch
    {
        _ when body.IsAccountUsedUp => "quota-exhausted",
        HttpStatusCode.Unauthorized => "unauthorized",
        HttpStatusCode.Forbidden => "forbidden",
        HttpStatusCode.NotFound => "not-found",
        HttpStatusCode.TooManyRequests => "rate-limited",
        HttpStatusCode.RequestTimeout => "timeout",
        >= HttpStatusCode.InternalServerError => "server-error",
        _ => "refused",
    };
}
