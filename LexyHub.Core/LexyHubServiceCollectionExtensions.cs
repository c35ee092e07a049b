using LexyHub.Core.Clusters;
using LexyHub.Core.Dashboard;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Etsy;
using LexyHub.Core.Insights;
using LexyHub.Core.Intents;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using LexyHub.Core.Retention;
using LexyHub.Core.Trends;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core;

/// <summary>Registers the whole product, for every host alike.</summary>
public static class LexyHubServiceCollectionExtensions
{
    // At Information these report every SQL statement and every HTTP request.
    private static readonly string[] ChattyCategories = ["Npgsql", "System.Net.Http.HttpClient", "Polly"];

    /// <summary>The jobs and what they run on. The host supplies configuration and logging.</summary>
    public static IServiceCollection AddLexyHub(this IServiceCollection services)
    {
        services.Configure<LoggerFilterOptions>(options =>
        {
            foreach (var category in ChattyCategories)
            {
                // First, so that Logging:LogLevel in the configuration has the last word.
                options.Rules.Insert(0, new LoggerFilterRule(null, category, LogLevel.Warning, null));
            }
        });
        return services
            .AddJobs()
            .AddRetention()
            .AddChatProviders()
            .AddTrendAggregation()
            .AddIntentClassify()
            .AddEmbedMissing()
            .AddRebuildClusters()
            .AddEtsySync()
            .AddInsights()
            .AddDashboard();
    }
}
