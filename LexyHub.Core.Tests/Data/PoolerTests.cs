using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Tests.Data;

/// <summary>Behind a pooler in transaction mode, as Supabase's is.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class PoolerTests(NativePostgres postgres) : IAsyncLifetime
{
    private PgBouncerProcess pooler = null!;
    private string database = "";

    public async Task InitializeAsync()
    {
        database = await postgres.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, LexyHubSchemas.Newer);
        pooler = await PgBouncerProcess.StartAsync(database, poolSize: 3);
        await using var host = new CoreHost(pooler.ConnectionString);
        Assert.NotEmpty((await host.MigrateCoreAsync()).Applied);
        Assert.Empty((await host.MigrateCoreAsync()).Applied);
    }

    public async Task DisposeAsync() => await pooler.DisposeAsync();

    [Fact]
    public async Task RunAsync_TwoAtOnce_OneRunsAndTheOtherIsToldSo()
    {
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var job = FunctionJob.Registered(async (context, cancellationToken) =>
        {
            started.SetResult();
            await release.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
            await using var transaction = await context.BeginWriteAsync(cancellationToken);
            await transaction.CommitAsync(new JobProgress("writing", 1), cancellationToken);
            return new JobOutcome { Processed = 1 };
        });
        await using var one = new CoreHost(pooler.ConnectionString, job);
        await using var other = new CoreHost(pooler.ConnectionString, job);

        var running = one.RunAsync();
        await Task.WhenAny(started.Task, running).WaitAsync(TimeSpan.FromSeconds(60));
        var refused = await other.RunAsync();
        release.SetResult();
        var done = await running;

        Assert.Equal((202, RunStatus.AlreadyRunning), (refused.StatusCode, refused.Status));
        Assert.Equal((200, RunStatus.Succeeded), (done.StatusCode, done.Status));
        Assert.Equal(done.RunId, refused.RunId);
        Assert.Equal("1", await Sql.ValueAsync(database, "select count(*) from job_runs where finished_at is not null"));
    }

    [Fact]
    public async Task RunAsync_TrendAggregation_GivesTheKeywordItsMomentum()
    {
        await using var host = new CoreHost(pooler.ConnectionString, services => services.AddTrendAggregation());
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        await using (var connection = await host.Database.OpenAsync(CancellationToken.None))
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await SignalStore.UpsertAsync(
                connection,
                [
                    new Signal("gold hoop earrings", "test", today.AddDays(-8), 0.4, SignalScale.Unit),
                    new Signal("gold hoop earrings", "test", today.AddDays(-1), 0.8, SignalScale.Unit),
                ],
                SignalOrigin.Pushed,
                CancellationToken.None);
            await transaction.CommitAsync();
        }

        var answer = await host.RunAsync();

        Assert.Equal((200, RunStatus.Succeeded), (answer.StatusCode, answer.Status));
        Assert.Equal(1, (long?)answer.Body["keywordsUpdated"]);
        Assert.Equal(
            ["Gold Hoop Earrings"],
            await Sql.RowsAsync(database, "select term from keywords where trend_momentum > 0 and trend_momentum <= 1 and extras ? 'trend'"));
        Assert.Equal("2", await Sql.ValueAsync(database, "select count(*) from trend_series where term = 'gold hoop earrings' and source = 'test'"));
    }
}
