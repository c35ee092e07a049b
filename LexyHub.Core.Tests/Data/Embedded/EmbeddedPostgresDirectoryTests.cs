using System.Diagnostics;
using System.Text.Json;
using LexyHub.Core.Data.Embedded;
using LexyHub.Core.Tests.Infrastructure;
using Npgsql;

namespace LexyHub.Core.Tests.Data.Embedded;

public sealed class EmbeddedPostgresDirectoryTests : IDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"lexyhub-embedded-{Guid.NewGuid():N}");

    [Fact]
    public async Task StartAsync_DirectoryInUse_IsRefusedAndNamesDirectoryAndProcess()
    {
        await using var first = await StartAsync();

        var error = await Assert.ThrowsAsync<DataDirectoryInUseException>(StartAsync);

        Assert.Contains(directory, error.Message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        await using var connection = await Sql.OpenAsync(first.ConnectionString);
        Assert.Equal(1, await connection.ScalarAsync<int>("select 1"));
    }

    [Fact]
    public async Task StartAsync_AfterTheDatabaseWasKilled_HasEveryCommittedRowAndNoOther()
    {
        int committed;
        await using (var postgres = await StartAsync())
        {
            await using var connection = await Sql.OpenAsync(postgres.ConnectionString);
            await connection.ExecuteAsync("create table kept (a int primary key)");
            for (committed = 0; committed < 50; committed++)
                await connection.ExecuteAsync($"insert into kept values ({committed})");
            await using var transaction = await connection.BeginTransactionAsync();
            await connection.ExecuteAsync("insert into kept values (-1)");

            Kill(postgres.ProcessId);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.ExecuteAsync("select 1"));
        }

        await using var again = await StartAsync();
        await using var reader = await Sql.OpenAsync(again.ConnectionString);
        Assert.Equal(
            Enumerable.Range(0, committed), await reader.ScalarAsync<int[]>("select array_agg(a order by a) from kept"));
    }

    [Fact]
    public async Task StartAsync_FirstStartCutShort_MakesTheDatabaseAnew()
    {
        Directory.CreateDirectory(Path.Combine(directory, "postgres", "base"));
        await File.WriteAllTextAsync(Path.Combine(directory, "postgres.new"), "");
        await File.WriteAllTextAsync(Path.Combine(directory, "postgres", "PG_VERSION"), "18\n");

        await using var postgres = await StartAsync();

        await using var connection = await Sql.OpenAsync(postgres.ConnectionString);
        Assert.Equal(1, await connection.ScalarAsync<int>("select 1"));
        Assert.False(File.Exists(Path.Combine(directory, "postgres.new")));
    }

    [Fact]
    public async Task Front_ParentKilledDuringALongStatement_EndsToo()
    {
        var runtime = await NodeRuntime.FindAsync(null, CancellationToken.None);
        var front = await FrontPackages.EnsureAsync(runtime, null, null, CancellationToken.None);
        // Its standard input stays open here, so only the death of its parent can end it.
        using var parent = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "exec 3<&0; \"$0\" \"$1\" <&3 & wait", runtime.Node, Path.Combine(front, "server.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await parent.StandardInput.WriteLineAsync("{\"dataDirectory\":null,\"port\":0,\"password\":\"p\"}");
        await parent.StandardInput.FlushAsync();
        using var ready = JsonDocument.Parse((await parent.StandardOutput.ReadLineAsync())!);
        using var node = Process.GetProcessById(ready.RootElement.GetProperty("pid").GetInt32());
        var (wire, _) = await WireClient.LogInAsync(ready.RootElement.GetProperty("port").GetInt32(), "p");
        using var _1 = wire;
        await wire.SendAsync('Q', "select count(*) from generate_series(1, 100000000000)\0");

        Kill(parent.Id);

        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await node.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            node.Kill();
        }
    }

    [Fact]
    public async Task DataDirectoryLock_PreviousDatabaseStillEnding_IsWaitedFor()
    {
        using var survivor = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read -r line"]) { RedirectStandardInput = true })!;
        using (var previous = await AcquireAsync(TimeSpan.Zero))
            previous.Note(ProcessIdentity.Of(survivor));

        var error = await Assert.ThrowsAsync<DataDirectoryInUseException>(() => AcquireAsync(TimeSpan.Zero));
        Assert.Equal(survivor.Id, error.ProcessId);
        var waiting = AcquireAsync(TimeSpan.FromMinutes(1));
        Assert.False(waiting.IsCompleted);
        survivor.StandardInput.Close();

        (await waiting).Dispose();
    }

    public void Dispose() => ChildProcess.Remove(directory);

    private Task<DataDirectoryLock> AcquireAsync(TimeSpan patience) =>
        DataDirectoryLock.AcquireAsync(directory, patience, TimeProvider.System, CancellationToken.None);

    private Task<EmbeddedPostgres> StartAsync() =>
        EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = directory }, CancellationToken.None);

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }
}
