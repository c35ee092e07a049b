using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Http;

// The host is all of the address that is logged: paths and queries of some services hold keys.
internal static partial class Log
{
    [LoggerMessage(
        LogLevel.Warning,
        "{Service}: {Method} to {Host} failed (status {Status}, {Exception}); attempt {Attempt} follows in {WaitMs:0} ms.")]
    public static partial void Repeating(
        ILogger logger, string service, HttpMethod method, string host, int status, string? exception, double waitMs, int attempt);

    [LoggerMessage(
        LogLevel.Warning,
        "{Service}: {Method} to {Host} failed (status {Status}) and is not repeated: the wait of {WaitSeconds:0.#} s is longer than what is left.")]
    public static partial void WaitTooLong(
        ILogger logger, string service, HttpMethod method, string host, int status, double waitSeconds);
}
