using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using LexyHub.Cli;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Npgsql;

namespace LexyHub.Core.Tests.Cli;

/// <summary>Signals to a real process.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class InterruptedRunTests(NativePostgres postgres)
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Run_Signalled_SaysSoAndEndsPartial(string signal)
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        var cli = await new CliHarness(connectionString).MigrateAsync();
        await ImportSignalsAsync(cli);
        await using var blocker = new NpgsqlConnection(connectionString);
        await blocker.OpenAsync();
        var transaction = await blocker.BeginTransactionAsync();
        await ExecuteAsync(blocker, "lock table keywords in access exclusive mode");

        // A shell may have started the tests with SIGINT ignored, which children inherit.
        using var process = Process.Start(new ProcessStartInfo(
            "env",
            ["--default-signal", "dotnet", Path.Combine(AppContext.BaseDirectory, "lexyhub.dll"), "run", JobCatalog.TrendAggregation, "--json", "--database", connectionString])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var said = new SharedWriter();
        process.ErrorDataReceived += (_, line) => said.WriteLine(line.Data);
        process.BeginErrorReadLine();
        await Eventually.TrueAsync(() => IsBlockedAsync(connectionString), "the run waits for the lock");
        await ChildProcess.RunAsSelfAsync(".", "kill", "-s", signal, process.Id.ToString(CultureInfo.InvariantCulture));
        await Eventually.TrueAsync(() => Task.FromResult(said.ToString().Contains("Stopping at the next batch", StringComparison.Ordinal)), "the notice");
        await transaction.RollbackAsync();
        await process.WaitForExitAsync();

        var answer = JsonNode.Parse(await output)!;
        Assert.Equal(("partial", "shutdown"), ((string?)answer["status"], (string?)answer["stopReason"]));
        Assert.Equal(ExitCode.Done, process.ExitCode);
    }

    private static async Task ImportSignalsAsync(CliHarness cli)
    {
        var file = Path.GetTempFileName();
        try
        {
            var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
            await File.WriteAllLinesAsync(
                file,
                ["term,source,date,score", .. Enumerable.Range(1, 9).Select(i => string.Create(CultureInfo.InvariantCulture, $"silver ring,panel,{today.AddDays(-i):yyyy-MM-dd},{40 + i}"))]);
            Assert.Equal(ExitCode.Done, await cli.RunAsync("import", "signals", file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<bool> IsBlockedAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select exists (select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database()))", connection);
        return await command.ExecuteScalarAsync() is true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
