using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Insights;

/// <summary>Registers the questions about what the jobs made.</summary>
public static class InsightServiceCollectionExtensions
{
    public static IServiceCollection AddInsights(this IServiceCollection services)
    {
        services.AddSingleton<TrendInsights>();
        services.AddSingleton<IntentInsights>();
        services.AddSingleton<ClusterInsights>();
        services.AddSingleton<CoverageInsights>();
        services.AddSingleton<UsageInsights>();
        services.AddSingleton<IApiRoutes, InsightRoutes>();
        return services;
    }
}
