namespace LexyHub.Core.Http;

/// <summary>Decides when each try of a call may begin, and learns from every answer, also from those that are repeated.</summary>
public interface IHttpAttemptGate
{
    /// <summary>Waits for its turn. The time spent here counts towards no time-out of the try.</summary>
    /// <exception cref="RemoteServiceException"><c>rate-limited</c>: the wait would outlast <see cref="HttpDeadline"/>.</exception>
    ValueTask<IHttpAttempt> EnterAsync(CancellationToken cancellationToken);
}

/// <summary>One try; disposed of when its body is read or it has failed.</summary>
public interface IHttpAttempt : IDisposable
{
    /// <summary>The headers are here.</summary>
    void Answered(HttpResponseMessage response);

    /// <summary>There was no answer, or it broke off.</summary>
    void Failed();

    /// <summary>Waits until there is room for the body of a successful answer; counts towards no time-out either.</summary>
    ValueTask BeforeBodyAsync(CancellationToken cancellationToken);

    /// <summary>Reads the body of a successful answer, within the try: one that breaks off is repeated.</summary>
    /// <param name="response">Its content afterwards is what the client above is to see.</param>
    /// <param name="maxBytes">Longest body that is read, decompressed.</param>
    /// <param name="cancellationToken">Ends with the try's time-out.</param>
    /// <exception cref="HttpRequestException"><see cref="HttpRequestError.ConfigurationLimitExceeded"/>: it is longer.</exception>
    async ValueTask ReadBodyAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
        => await response.Content.LoadIntoBufferAsync(maxBytes, cancellationToken);
}
