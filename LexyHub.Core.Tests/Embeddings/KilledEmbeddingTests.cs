using System.Diagnostics;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace LexyHub.Core.Tests.Embeddings;

/// <summary>
/// Real processes, killed with -9 over one backlog. What a kill may cost is a number of requests: those under way and those
/// answered but not yet written, which together are never more than <c>Embeddings:MaxConcurrency</c>.
/// </summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class KilledEmbeddingTests(VectorPostgres postgres, ITestOutputHelper output)
{
    private const int BatchSize = 50;
    private const int Dimensions = 8;

    // The next process need not wait until the lease of the dead one lapses: KilledRunTests shows that it would get it then.
    private const string EndLeaseSql = "update lexyhub_jobs.job_leases set expires_at = '-infinity'";

    [Theory]
    [InlineData(5_000, 1, 20)]
    [InlineData(2_000, 4, 4)]
    public async Task RunAsync_ProcessesKilledAtRandomMoments_EveryTextHasOneVectorForOneBatchAKill(int texts, int concurrency, int kills)
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await HostAsync(connection, texts);
        using var asked = new Arrivals();
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI, _ =>
        {
            asked.Add();
            return Task.FromResult(false);
        });
        var settings = Settings(server, concurrency);
        var random = new Random(41);

        for (var kill = 0; kill < kills; kill++)
        {
            var askedBefore = server.Requests.Count;
            using (var process = StartCli(connection, settings))
            {
                // Somewhere between one answer and another: under way, answered, being written, or written.
                await asked.ReachAsync(askedBefore + random.Next(1, 5), process);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(40)));
                Assert.False(process.HasExited, "The backlog was done before the last kill.");
                process.Kill();
                await process.WaitForExitAsync();
            }

            await host.ExecuteAsync(EndLeaseSql);
            var written = await CountVectorsAsync(host);
            Assert.InRange(server.Requests.Count - (written / BatchSize), 0, (kill + 1) * concurrency);
            Assert.Equal(0, written % BatchSize);
        }

        using (var last = StartCli(connection, settings))
        {
            await last.WaitForExitAsync();
            Assert.Equal(0, last.ExitCode);
        }

        output.WriteLine($"{server.Requests.Count - (texts / BatchSize)} extra batches of {BatchSize} for {kills} kills over {texts} texts, at most {concurrency} at once.");
        Assert.InRange(server.Requests.Count, texts / BatchSize, (texts / BatchSize) + (kills * concurrency));
        Assert.Equal($"{texts} {texts}", await host.QueryAsync<string>("select count(*) || ' ' || count(distinct term) from embeddings"));
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.embedding_due_terms"));
        Assert.Equal(kills, await host.QueryAsync<long>("select count(*) from job_runs where status = 'abandoned'"));
    }

    private static async Task<JobHost> HostAsync(string connection, int texts)
    {
        var host = JobHost.Create(connection);
        await host.Services.GetRequiredService<Migrator>().ApplyAsync([], CancellationToken.None);

        // Short vectors: what is counted are requests.
        await host.ExecuteAsync($"""
            alter table embeddings alter column embedding type vector({Dimensions});
            insert into keywords (term) select 'term ' || i from generate_series(1, {texts}) i
            """);
        return host;
    }

    private static Task<long> CountVectorsAsync(JobHost host) => host.QueryAsync<long>("select count(*) from embeddings");

    private static Dictionary<string, string> Settings(EmbeddingServer server, int concurrency) => new()
    {
        ["OPENAI_API_KEY"] = EmbeddingServer.Key,
        ["OPENAI_BASE_URL"] = server.Address.ToString(),
        ["Embeddings__Dimensions"] = $"{Dimensions}",
        ["Embeddings__MaxInputsPerRequest"] = $"{BatchSize}",
        ["Embeddings__MaxConcurrency"] = $"{concurrency}",
    };

    private static Process StartCli(string connection, Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "lexyhub.dll"), "run", JobCatalog.EmbedMissing, "--database", connection])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Counts requests, and lets a test wait for one.</summary>
    private sealed class Arrivals : IDisposable
    {
        private readonly SemaphoreSlim arrived = new(0);
        private int count;

        public void Add() => arrived.Release();

        public void Dispose() => arrived.Dispose();

        public async Task ReachAsync(int number, Process process)
        {
            for (; count < number; count++)
            {
                Assert.True(await arrived.WaitAsync(TimeSpan.FromMinutes(1)), $"Request {number} never came; the process {(process.HasExited ? "has ended" : "runs")}.");
            }
        }
    }
}
