using LexyHub.Core.Jobs;
using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Trends;

/// <summary>Registers trend-aggregation with all its sources.</summary>
public static class TrendServiceCollectionExtensions
{
    public static IServiceCollection AddTrendAggregation(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<TrendOptions>().BindConfiguration("Trends").ValidateDataAnnotations();
        services.AddSingleton<IRefreshTokenStore, DatabaseRefreshTokenStore>();
        services.AddTrendSources();
        services.AddTransient<ITrendSource, SyntheticTrendSource>();
        services.AddJob<TrendAggregationJob>(JobCatalog.TrendAggregation);
        return services;
    }
}
