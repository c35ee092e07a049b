using System.Diagnostics;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Tests.Jobs;

/// <summary>A real process, killed as the kernel or a host does it.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class KilledRunTests(NativePostgres postgres)
{
    private const int Terms = 30_000;

    private static readonly Dictionary<string, string?> Settings = new() { ["Jobs:Heartbeat"] = "00:00:01", ["Trends:BatchReadings"] = "500" };

    [Fact]
    public async Task RunAsync_ProcessKilledMidRun_NextRunTakesOverAndEndsTheWork()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await JobHost.Create(connection, Settings).MigrateAsync();
        await LandAsync(host);

        Guid killedRun;
        using (var process = StartCli(connection))
        {
            await Eventually.TrueAsync(
                () => host.QueryAsync<bool>("select coalesce(max(records_processed), 0) > 1000 from job_runs"), "the process commits batches");
            process.Kill();
            await process.WaitForExitAsync();
            killedRun = await host.QueryAsync<Guid>("select id from job_runs");
        }

        var committed = await host.QueryAsync<long>("select count(*) from trend_series");
        var held = await host.RunAsync();
        Assert.Equal((RunStatus.AlreadyRunning, (Guid?)killedRun), (held.Status, held.RunId));

        var next = await Eventually.FindAsync(async () => await host.RunAsync() is { Status: RunStatus.Succeeded } answer ? answer : null, "the lease lapses");

        Assert.InRange(committed, 1_000, Terms - 1);
        Assert.Equal(Terms - committed, (long)next.Body["processed"]!);
        Assert.Equal(Terms, await host.QueryAsync<long>("select count(*) from trend_series"));
        Assert.Equal("abandoned", await host.QueryAsync<string>($"select status from job_runs where id = '{killedRun}'"));
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.trend_due"));
    }

    private static Process StartCli(string connection)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "lexyhub.dll"), "run", JobCatalog.TrendAggregation, "--database", connection])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task LandAsync(JobHost host)
    {
        var day = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-1);
        await using var connection = await host.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await SignalStore.UpsertAsync(
            connection,
            [.. Enumerable.Range(0, Terms).Select(i => new Signal($"term {i}", "pushed", day, 50, SignalScale.Index))],
            SignalOrigin.Pushed,
            CancellationToken.None);
        await transaction.CommitAsync();
    }
}
