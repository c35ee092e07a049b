using System.Collections.Concurrent;
using System.Diagnostics;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Providers;
using Xunit.Abstractions;

namespace LexyHub.Core.Tests.Intents;

/// <summary>A real process that asks a chat server, killed twenty times in the middle of its work.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class KilledClassifyTests(NativePostgres postgres, ITestOutputHelper output)
{
    private const int Kills = 20;
    private const int BatchSize = 10;
    private const int Keywords = 600;

    [Fact]
    public async Task RunAsync_ProcessKilledAgainAndAgain_PaysForOneBatchMoreAKillAndLosesNone()
    {
        // The server decides when a process is killed: in the middle of every fourth request that it gets, before or after it has answered.
        var sent = new ConcurrentDictionary<string, int>();
        var running = new ConcurrentQueue<Process>();
        var kills = 0;
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer, async request =>
        {
            foreach (var item in IntentModel.ItemsOf(request))
                sent.AddOrUpdate(item.Text, 1, (_, count) => count + 1);
            if (request.Number % 3 != 2 || kills >= Kills || running.LastOrDefault() is not { HasExited: false } process)
                return false;

            if (++kills % 2 == 0)
                await request.CompleteAsync(IntentModel.Answer(request));
            process.Kill();
            await process.WaitForExitAsync();
            return true;
        });
        var connection = await postgres.CreateDatabaseAsync();
        await using var host = await IntentHost.Over(connection, server, null, ("Jobs:Heartbeat", "00:00:01")).MigrateAsync();
        await host.ExecuteAsync($"insert into keywords (term) select 'term ' || i from generate_series(1, {Keywords}) i");

        while (await host.QueryAsync<long>(IntentHost.DueSql) > 0)
        {
            // The lease of a run that was killed: waiting for its end twenty times is another test's matter.
            await host.ExecuteAsync("update lexyhub_jobs.job_leases set expires_at = '-infinity'");
            using var process = Start(connection, server);
            running.Enqueue(process);
            await process.WaitForExitAsync();
        }

        output.WriteLine($"{sent.Values.Sum() - Keywords} of {Keywords} items sent again, {sent.Values.Max()} times at most, for {kills} kills; {server.Requests.Count} requests of {BatchSize}.");
        Assert.Equal(Kills, kills);
        Assert.Equal(Keywords, sent.Count);
        Assert.Equal(Keywords, await host.QueryAsync<long>("select count(*) from keywords where extras ->> 'intent' = 'commercial'"));
        Assert.Equal(Keywords, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.intent_classifications"));
        Assert.InRange(sent.Values.Sum() - Keywords, 1, Kills * BatchSize);
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.intent_quarantine"));
    }

    private static Process Start(string connection, ChatServer server)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "lexyhub.dll"), "run", JobCatalog.IntentClassify, "--database", connection])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["Intents__BatchSize"] = $"{BatchSize}",
                ["Chat__MaxConcurrency"] = "1",
            },
        };
        foreach (var (name, value) in server.Settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
