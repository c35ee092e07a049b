using LexyHub.Core.Data;
using LexyHub.Core.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LexyHub.Core.Jobs;

/// <summary>Registers what every job runs on.</summary>
public static class JobServiceCollectionExtensions
{
    /// <summary>The database, the runner, the endpoint and the timer. The host supplies configuration and logging.</summary>
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<DatabaseOptions>().BindConfiguration("Database").ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<JobOptions>().BindConfiguration("Jobs").ValidateDataAnnotations();
        services.AddSingleton<LexyHubDatabase>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<ServiceTokens>();
        services.AddSingleton<DatabaseHealth>();
        services.AddSingleton<JobRunStore>();
        services.AddSingleton<JobPauseStore>();
        services.AddSingleton<Quarantines>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<KeywordTerms>();
        services.AddSingleton<JobAutomation>();
        services.AddSingleton<JobOverviewStore>();
        services.AddSingleton<IApiRoutes, HealthRoutes>();
        services.AddSingleton<IApiRoutes, JobRoutes>();
        services.AddSingleton<IApiRoutes, PauseRoutes>();
        services.AddSingleton<IApiRoutes, QuarantineRoutes>();
        services.AddSingleton<JobEndpoint>();
        services.AddSingleton<JobTimer>();
        services.AddMetrics();
        services.AddSingleton<JobMetrics>();
        services.AddHostedService<JobGaugeRefresh>();
        services.AddHostedService<StartupMigration>();
        services.AddHostedService<RunDrain>();
        services.AddHostedService<HealthWarmup>();
        return services;
    }

    /// <summary>Adds the job of that name; it is made anew for each run.</summary>
    public static IServiceCollection AddJob<TJob>(this IServiceCollection services, string name)
        where TJob : class, IJob
        => services.AddKeyedScoped<IJob, TJob>(name);
}
