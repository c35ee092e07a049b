using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Retention;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "What was too old has been removed for today: {Rows} rows.")]
    public static partial void Retained(ILogger logger, long rows);

    [LoggerMessage(LogLevel.Warning, "Old {Target} could not be removed today. {Problem}")]
    public static partial void NotRemoved(ILogger logger, Exception exception, string target, string problem);

    [LoggerMessage(LogLevel.Warning, "What is too old could not be removed; the job's own work is done. {Problem}")]
    public static partial void RetentionFailed(ILogger logger, Exception exception, string problem);
}
