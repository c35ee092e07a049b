using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Trends;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Error, "The trend source {Source} failed ({Code}); the others go on.")]
    public static partial void SourceFailed(ILogger logger, Exception exception, string source, string code);

    [LoggerMessage(LogLevel.Debug, "Aggregated {TermCount} terms: {SeriesCount} points and {KeywordCount} keywords written.")]
    public static partial void Aggregated(ILogger logger, int termCount, int seriesCount, int keywordCount);
}
