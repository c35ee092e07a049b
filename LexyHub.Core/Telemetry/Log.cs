using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Telemetry;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "The gauges of the jobs cannot be read for the moment: {Problem}")]
    public static partial void GaugesUnread(ILogger logger, string problem);
}
