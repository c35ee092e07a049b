using Microsoft.Extensions.Logging;

namespace LexyHub.Cli.Serve;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "{Job} was due while nothing ran; it runs now.")]
    public static partial void Overdue(ILogger logger, string job);

    [LoggerMessage(LogLevel.Warning, "The timer run of {Job} failed with {Code}; the next is due at {Due}.")]
    public static partial void TimerRunFailed(ILogger logger, string job, string code, DateTimeOffset due);

    [LoggerMessage(LogLevel.Error, "The timer of {Job} broke; the next run is due at {Due}.")]
    public static partial void TimerBroke(ILogger logger, Exception exception, string job, DateTimeOffset due);
}
