using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>The product's own services over a database, as a host composes them; a job or the clock may be put in their place.</summary>
internal sealed class JobHost : IAsyncDisposable
{
    private JobHost(ServiceProvider services) => Services = services;

    public ServiceProvider Services { get; }

    public JobRunner Runner => Services.GetRequiredService<JobRunner>();

    public NpgsqlDataSource DataSource => Services.GetRequiredService<LexyHubDatabase>().DataSource;

    /// <param name="connectionString">Of a database, migrated or not.</param>
    /// <param name="settings">Configuration beside the connection, by key.</param>
    /// <param name="job">Takes the place of trend-aggregation.</param>
    /// <param name="time">Takes the place of the clock.</param>
    /// <param name="configure">Further changes to the services.</param>
    public static JobHost Create(
        string connectionString,
        IReadOnlyDictionary<string, string?>? settings = null,
        Func<JobContext, CancellationToken, Task<JobOutcome>>? job = null,
        TimeProvider? time = null,
        Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>())
            {
                ["ConnectionStrings:LexyHub"] = connectionString,
            })
            .Build());
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        services.AddLexyHub();
        if (time is not null)
        {
            services.Replace(ServiceDescriptor.Singleton(time));
        }

        if (job is not null)
        {
            services.RemoveAllKeyed<IJob>(JobCatalog.TrendAggregation);
            services.AddKeyedSingleton<IJob>(JobCatalog.TrendAggregation, new DelegateJob(job));
        }

        configure?.Invoke(services);
        return new JobHost(services.BuildServiceProvider());
    }

    /// <summary>The core set of migrations; the database needs no extension.</summary>
    public async Task<JobHost> MigrateAsync()
    {
        await Services.GetRequiredService<Migrator>().ApplyAsync([MigrationSet.Core], CancellationToken.None);
        return this;
    }

    public Task<JobAnswer> RunAsync(RunRequest? request = null, CancellationToken stopping = default)
        => Runner.RunAsync(request ?? new RunRequest(JobCatalog.TrendAggregation, RunTrigger.Cli), stopping);

    public async Task<T> QueryAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync() is var value and not DBNull ? value! : default(T)!);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => Services.DisposeAsync();

    private sealed class DelegateJob(Func<JobContext, CancellationToken, Task<JobOutcome>> run) : IJob
    {
        public Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken) => run(context, cancellationToken);
    }
}
