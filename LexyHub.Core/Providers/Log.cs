using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Providers;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "{Service} complained (status {Status}); from now on {Window} requests at once.")]
    public static partial void SlowedDown(ILogger logger, string service, int status, int window);

    [LoggerMessage(LogLevel.Debug, "{Service} answered with {InputTokens} tokens in and {OutputTokens} out: {Outcome}.")]
    public static partial void ChatAnswered(ILogger logger, string service, long inputTokens, long outputTokens, ChatOutcome outcome);

    [LoggerMessage(LogLevel.Warning, "{Service} gave no usable answer ({Outcome}): {Reason}")]
    public static partial void ChatWithoutAnswer(ILogger logger, string service, ChatOutcome outcome, string? reason);
}
