using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Clusters;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Rebuilt {ClusterCount} clusters of {MemberCount} keywords ({OutlierCount} outliers): {CreatedCount} new, {KeptCount} kept, {RetiredCount} retired.")]
    public static partial void Rebuilt(ILogger logger, long clusterCount, long memberCount, long outlierCount, long createdCount, long keptCount, long retiredCount);

    [LoggerMessage(LogLevel.Information, "Put {KeywordCount} keywords into the clusters nearest to them; {FarCount} terms are near none.")]
    public static partial void Placed(ILogger logger, long keywordCount, long farCount);
}
