using System.Net;

namespace LexyHub.Core.Http;

/// <summary>A service outside failed or refused. The message may be shown to anyone: no secret, no address.</summary>
public sealed class RemoteServiceException(string code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>
    /// <c>unauthorized</c>, <c>forbidden</c>, <c>not-found</c>, <c>rate-limited</c>, <c>quota-exhausted</c>,
    /// <c>refused</c> (any other 3xx and 4xx), <c>server-error</c>, <c>timeout</c>, <c>unreachable</c>,
    /// <c>bad-response</c> or <c>response-too-large</c>.
    /// </summary>
    public string Code { get; } = code;

    /// <summary>Null where there was no answer.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The service's own code, for example <c>RESOURCE_EXHAUSTED</c>.</summary>
    public string? ServiceCode { get; init; }

    /// <summary>As asked for by the service.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
