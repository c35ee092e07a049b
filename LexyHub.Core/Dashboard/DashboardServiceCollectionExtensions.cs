using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Dashboard;

/// <summary>Registers the operator's page and the description of the API.</summary>
public static class DashboardServiceCollectionExtensions
{
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddSingleton<DashboardAssets>();
        services.AddSingleton<IApiRoutes, DashboardRoutes>();
        return services;
    }
}
