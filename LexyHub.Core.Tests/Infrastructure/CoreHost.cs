using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>The services of one process, over one database.</summary>
internal sealed class CoreHost : IAsyncDisposable
{
    private readonly ServiceProvider services;

    /// <param name="connectionString">Null: none is configured.</param>
    /// <param name="add">What the test needs beside <c>AddJobs</c>.</param>
    /// <param name="time">Null takes the system's.</param>
    public CoreHost(string? connectionString, Action<IServiceCollection>? add = null, TimeProvider? time = null)
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:LexyHub", connectionString)]).Build());
        collection.AddSingleton(time ?? TimeProvider.System);
        collection.AddJobs();
        add?.Invoke(collection);
        services = collection.BuildServiceProvider();
    }

    public LexyHubDatabase Database => services.GetRequiredService<LexyHubDatabase>();

    public Migrator Migrator => services.GetRequiredService<Migrator>();

    public DatabaseHealth Health => services.GetRequiredService<DatabaseHealth>();

    /// <summary>Runs trend-aggregation, or what the test put in its place, as from a terminal.</summary>
    public Task<JobAnswer> RunAsync() =>
        services.GetRequiredService<JobRunner>().RunAsync(new RunRequest(JobCatalog.TrendAggregation, RunTrigger.Cli), CancellationToken.None);

    public Task<MigrationReport> MigrateCoreAsync() => Migrator.ApplyAsync([MigrationSet.Core], CancellationToken.None);

    public ValueTask DisposeAsync() => services.DisposeAsync();
}

/// <summary>A job that is given as a function.</summary>
internal sealed class FunctionJob(Func<JobContext, CancellationToken, Task<JobOutcome>> run) : IJob
{
    public Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken) => run(context, cancellationToken);

    /// <summary>Puts the function in the place of trend-aggregation.</summary>
    public static Action<IServiceCollection> Registered(Func<JobContext, CancellationToken, Task<JobOutcome>> run) =>
        services => services.AddKeyedScoped<IJob>(JobCatalog.TrendAggregation, (_, _) => new FunctionJob(run));
}
