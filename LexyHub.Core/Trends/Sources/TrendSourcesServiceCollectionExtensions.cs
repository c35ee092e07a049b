using LexyHub.Core.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LexyHub.Core.Trends.Sources;

public static class TrendSourcesServiceCollectionExtensions
{
    /// <summary>
    /// Registers the sources outside LexyHub as <see cref="ITrendSource"/>, configured or not. An <see cref="IRefreshTokenStore"/>
    /// that lasts may be registered before or after; otherwise tokens last as long as the process.
    /// </summary>
    public static IServiceCollection AddTrendSources(this IServiceCollection services)
    {
        services.TryAddSingleton<IRefreshTokenStore, InMemoryRefreshTokenStore>();

        services.AddOptionsWithValidateOnStart<GoogleTrendsOptions>()
            .BindConfiguration(GoogleTrendsOptions.Section).ValidateDataAnnotations();
        services.AddResilientHttpClient<GoogleTrendsClient>(GoogleTrendsClient.Service);
        services.AddTransient<ITrendSource, GoogleTrendsSource>();

        services.AddOptionsWithValidateOnStart<PinterestTrendsOptions>()
            .BindConfiguration(PinterestTrendsOptions.Section).ValidateDataAnnotations();
        services.AddResilientHttpClient<PinterestTrendsClient>(PinterestTrendsClient.Service);
        services.AddTransient<ITrendSource, PinterestTrendsSource>();

        services.AddOptionsWithValidateOnStart<RedditOptions>()
            .BindConfiguration(RedditOptions.Section).ValidateDataAnnotations();
        services.AddResilientHttpClient<RedditClient>(RedditClient.Service);
        services.AddTransient<ITrendSource, RedditSource>();

        return services;
    }
}
