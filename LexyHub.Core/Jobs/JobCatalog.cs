namespace LexyHub.Core.Jobs;

/// <summary>The jobs, by name, with their cadences: timer attributes, <c>lexyhub serve</c> and the endpoints read the same.</summary>
public static class JobCatalog
{
    public const string TrendAggregation = "trend-aggregation";

    /// <summary>Every 6 hours, at 00:15, 06:15, 12:15 and 18:15 UTC. Six-field NCrontab: seconds first.</summary>
    public const string TrendAggregationSchedule = "0 15 */6 * * *";

    public const string IntentClassify = "intent-classify";

    /// <summary>Every day at 01:30 UTC. Six-field NCrontab: seconds first.</summary>
    public const string IntentClassifySchedule = "0 30 1 * * *";

    public const string EmbedMissing = "embed-missing";

    /// <summary>Every hour at :05. Six-field NCrontab: seconds first.</summary>
    public const string EmbedMissingSchedule = "0 5 * * * *";

    public const string RebuildClusters = "rebuild-clusters";

    /// <summary>Every day at 02:30 UTC. Six-field NCrontab: seconds first.</summary>
    public const string RebuildClustersSchedule = "0 30 2 * * *";

    public const string EtsySync = "etsy-sync";

    /// <summary>Every 6 hours, at 00:45, 06:45, 12:45 and 18:45 UTC. Six-field NCrontab: seconds first.</summary>
    public const string EtsySyncSchedule = "0 45 */6 * * *";

    /// <summary>In the order in which one run's results serve the next.</summary>
    public static IReadOnlyList<JobDefinition> All { get; } =
    [
        new(EtsySync, EtsySyncSchedule, "Listings, tags and statistics of connected Etsy shops.", "Etsy:Automation"),
        new(TrendAggregation, TrendAggregationSchedule, "Trend signals into trend_series and keywords.trend_momentum."),
        new(IntentClassify, IntentClassifySchedule, "Purchase intent of keywords and listings, for targeting."),
        new(EmbedMissing, EmbedMissingSchedule, "Vectors for keywords and listings that lack one."),
        new(RebuildClusters, RebuildClustersSchedule, "Semantic clusters of keywords into concept_clusters."),
    ];

    /// <returns>The job of that exact name, or null.</returns>
    public static JobDefinition? Find(string name)
    {
        foreach (var job in All)
        {
            if (job.Name == name)
            {
                return job;
            }
        }

        return null;
    }
}
