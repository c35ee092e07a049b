using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Trends.Sources;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Warning, "{Source} refused {RefusedCount} of {TermCount} terms; they count as read.")]
    public static partial void TermsRefused(ILogger logger, string source, int refusedCount, int termCount);

    [LoggerMessage(LogLevel.Warning, "{Source} refused {TrendType} trends of region {Region}: {Error}")]
    public static partial void TrendsRefused(ILogger logger, string source, string region, string trendType, string error);

    [LoggerMessage(LogLevel.Information, "{Source} replaced its refresh token; the new one lives {Days:0.#} days.")]
    public static partial void RefreshTokenReplaced(ILogger logger, string source, double? days);

    [LoggerMessage(LogLevel.Warning, "{Source}: r/{Subreddit} is left out: {Reason}")]
    public static partial void SubredditLeftOut(ILogger logger, string source, string subreddit, string reason);

    [LoggerMessage(
        LogLevel.Information, "{Source}: {PostCount} posts of {SubredditCount} subreddits mention {TermCount} known terms.")]
    public static partial void PostsMatched(ILogger logger, string source, int postCount, int subredditCount, int termCount);
}
