using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Tests.Dashboard;

/// <summary><c>lexyhub serve</c> over a filled PostgreSQL with pgvector: hundreds of runs, thousands of clusters. Its jobs are
/// the tests' own: trend-aggregation waits in its first batch until it is let go, every other one fails.</summary>
public sealed class DashboardSite : IAsyncLifetime
{
    private readonly VectorPostgres postgres = new();
    private Served? served;

    /// <summary>Lets trend-aggregation go on.</summary>
    internal SemaphoreSlim Go { get; } = new(0);

    internal Served Served => served!;

    /// <summary>All that the server has logged.</summary>
    internal CapturedLog Log { get; } = new();

    internal string Database { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Browser.Screenshots);
        await postgres.InitializeAsync();
        Database = await postgres.CreateDatabaseAsync();
        var harness = new CliHarness(Database, RunAsync);
        var configure = harness.Environment.ConfigureServices;
        harness.Environment = harness.Environment with
        {
            ConfigureServices = services =>
            {
                configure(services);
                services.AddSingleton<ILoggerProvider>(Log);
            },
        };
        Assert.Equal(0, await harness.RunAsync("migrate"));
        using var reader = new StreamReader(typeof(DashboardSite).Assembly.GetManifestResourceStream("LexyHub.Core.Tests.Dashboard.data.sql")!);
        await Sql.ExecuteAsync(Database + ";Command Timeout=300", await reader.ReadToEndAsync());
        served = await harness.ServeAsync("--no-timers");
    }

    public async Task DisposeAsync()
    {
        if (served is not null)
        {
            Go.Release(100);
            await served.DisposeAsync();
        }

        Go.Dispose();
        await postgres.DisposeAsync();
    }

    /// <returns>The body of a GET that answers 200.</returns>
    internal async Task<JsonNode> GetAsync(string path)
    {
        var (status, body, _) = await Served.SendAsync(HttpMethod.Get, $"/api/{path}");
        Assert.True(status == 200, $"{path}: {status} {body}");
        return JsonNode.Parse(body)!;
    }

    private async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        if (context.Job != JobCatalog.TrendAggregation)
        {
            throw new JobException("provider-unauthorized", 502, "The provider refused the key: set OPENAI_API_KEY to one that is valid.");
        }

        context.BeginStage("collecting");
        await CommitAsync(new JobProgress("aggregating", 120, 0, 240));
        await Go.WaitAsync(cancellationToken);
        await CommitAsync(new JobProgress("aggregating", 360, 0, 0));
        return new JobOutcome { Processed = 360, Counts = new JsonObject { ["keywordsUpdated"] = 41 } };

        async Task CommitAsync(JobProgress progress)
        {
            await using var transaction = await context.BeginWriteAsync(cancellationToken);
            await transaction.CommitAsync(progress, cancellationToken);
        }
    }
}

/// <summary>The tests of this collection run one after the other on one <see cref="DashboardSite"/>.</summary>
[CollectionDefinition(Name)]
public sealed class DashboardCollection : ICollectionFixture<DashboardSite>
{
    public const string Name = "dashboard";
}
