namespace LexyHub.Core.Data;

/// <summary>A problem with the database that a person must solve. The message says what to do and holds no secret.</summary>
/// <param name="code">Stable name of the problem, as answered over HTTP.</param>
/// <param name="statusCode">The HTTP status that it is answered with: 500 not set up, 502 refused, 503 unreachable.</param>
/// <param name="message">What failed and what to do.</param>
/// <param name="inner">The driver's exception, for the log.</param>
public sealed class DatabaseException(string code, int statusCode, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public string Code { get; } = code;

    public int StatusCode { get; } = statusCode;
}
