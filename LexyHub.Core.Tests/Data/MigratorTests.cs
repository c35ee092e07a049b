using System.Diagnostics;
using System.Text.Json;
using LexyHub.Core.Data;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Data;

[Collection(NativePostgresCollection.Name)]
public sealed class MigratorTests(NativePostgres postgres)
{
    private static readonly string[] CoreScripts = [.. Migrator.ScriptNames().Where(name => name.StartsWith("Core/", StringComparison.Ordinal))];

    private static readonly string[] CoreTables =
    [
        "data_providers", "job_runs", "keywords", "listing_stats", "listing_tags", "listings", "marketplace_accounts",
        "provider_sync_states", "trend_series",
    ];

    private const string TablesSql = "select tablename from pg_tables where schemaname = 'public' order by 1";

    private const string JournalSql = "select scriptname || ' ' || applied from lexyhub_jobs.schema_versions order by schemaversionsid";

    [Fact]
    public async Task ApplyAsync_EmptyDatabase_MakesEverythingOfTheCoreSet()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var host = new CoreHost(database);

        var report = await host.MigrateCoreAsync();

        Assert.Equal(CoreScripts, report.Applied);
        Assert.Equal(CoreTables, await Sql.RowsAsync(database, TablesSql));
        await Sql.ExecuteAsync(database, "insert into keywords (term) values ('Gold Hoops');" + LexyHubSchemas.Rows);
        Assert.Equal("1", await Sql.ValueAsync(database, "select count(*) from lexyhub_jobs.keyword_terms where term is null"));
    }

    public static TheoryData<string, string> Deployments => new() { { "newer", LexyHubSchemas.Newer }, { "older", LexyHubSchemas.Older } };

    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task ApplyAsync_LexyHubDatabase_AddsOnlyWhatIsMissing(string deployment, string schema)
    {
        var database = await postgres.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, schema);
        var before = await PublicSnapshot.TakeAsync(database);
        var tables = await Sql.RowsAsync(database, TablesSql);
        await using var host = new CoreHost(database);

        await host.MigrateCoreAsync();

        var added = (await PublicSnapshot.TakeAsync(database, before)).AssertOnlyAddedTo(before);
        var ofThere = added.Where(line => tables.Any(table => IsOf(line, table))).ToList();
        Assert.Equal(
            [
                "lexyhub_intents_added", "lexyhub_intents_changed", "lexyhub_intents_removed",
                "lexyhub_jobs_added", "lexyhub_jobs_changed", "lexyhub_jobs_removed",
            ],
            ofThere.Where(line => line.StartsWith("trigger ", StringComparison.Ordinal)).Select(line => line.Split(' ')[3]).Distinct().Order());
        Assert.Equal(
            deployment == "older" ? LexyHubSchemas.OlderLacks : [],
            ofThere.Where(line => line.StartsWith("column ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).Order());
        Assert.Equal(
            deployment == "newer" ? ["job_runs_by_job"] : [],
            ofThere.Where(line => line.StartsWith("index ", StringComparison.Ordinal)).Select(line => line.Split(' ')[3]));
        Assert.DoesNotContain(ofThere, line => line.Split(' ')[0] is "table" or "constraint" or "policy" or "function" or "schema");
        Assert.Equal(CoreTables, await Sql.RowsAsync(database, TablesSql));
        Assert.Equal(
            await Sql.RowsAsync(database, "select id from keywords order by id"),
            await Sql.RowsAsync(database, "select keyword_id from lexyhub_jobs.keyword_terms where term is null order by keyword_id"));
    }

    // Of triggers and indexes pg_get_…def names the table after "ON".
    private static bool IsOf(string line, string table) =>
        line.StartsWith($"table {table} ", StringComparison.Ordinal)
        || line.StartsWith($"column {table}.", StringComparison.Ordinal)
        || line.StartsWith($"constraint {table} ", StringComparison.Ordinal)
        || line.StartsWith($"policy {table} ", StringComparison.Ordinal)
        || line.StartsWith("function ", StringComparison.Ordinal)
        || line.StartsWith("schema ", StringComparison.Ordinal)
        || line.Contains($" ON public.{table} ", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task ApplyAsync_Twice_DoesNothingTheSecondTime(string deployment, string schema)
    {
        Assert.NotEmpty(deployment);
        var database = await postgres.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, schema);
        await using var first = new CoreHost(database);
        await first.MigrateCoreAsync();
        var before = await PublicSnapshot.TakeAsync(database);
        var journal = await Sql.RowsAsync(database, JournalSql);
        await using var second = new CoreHost(database);

        Assert.Empty((await first.MigrateCoreAsync()).Applied);
        Assert.Empty((await second.MigrateCoreAsync()).Applied);

        var after = await PublicSnapshot.TakeAsync(database);
        Assert.Equal(before.Catalogue, after.Catalogue);
        Assert.Equal(before.Rows, after.Rows);
        Assert.Equal(journal, await Sql.RowsAsync(database, JournalSql));
    }

    [Fact]
    public async Task ApplyAsync_TwoAtOnce_OneMigratesAndTheOtherFindsItDone()
    {
        for (var round = 0; round < 6; round++)
        {
            var database = await postgres.CreateDatabaseAsync();
            await using var one = new CoreHost(database);
            await using var other = new CoreHost(database);
            using var start = new Barrier(2);

            var reports = await Task.WhenAll(new[] { one, other }.Select(host => Task.Run(() =>
            {
                start.SignalAndWait();
                return host.MigrateCoreAsync();
            })));

            Assert.Equal([0, CoreScripts.Length], reports.Select(report => report.Applied.Count).Order());
            Assert.Equal(CoreScripts, await Sql.RowsAsync(database, "select scriptname from lexyhub_jobs.schema_versions order by schemaversionsid"));
        }
    }

    [Fact]
    public async Task Migrate_TwoProcessesAtOnce_OneMigratesAndTheOtherFindsItDone()
    {
        var database = await postgres.CreateDatabaseAsync();

        var outputs = await Task.WhenAll(RunMigrateAsync(database), RunMigrateAsync(database));

        Assert.Equal([0, CoreScripts.Length], outputs.Select(output => AppliedOf(output).Count).Order());
        Assert.Equal(CoreScripts, await Sql.RowsAsync(database, "select scriptname from lexyhub_jobs.schema_versions order by schemaversionsid"));
    }

    private static List<string> AppliedOf(string json) =>
        [.. JsonDocument.Parse(json).RootElement.GetProperty("applied").EnumerateArray().Select(name => name.GetString()!)];

    private static async Task<string> RunMigrateAsync(string database)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "lexyhub.dll"), "migrate", "--set", "core", "--json", "--database", database])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{process.ExitCode}: {output}{await error}");
        return output;
    }

    [Fact]
    public async Task GetStatusAsync_BeforeAndAfter_TellsAndChangesNothing()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var host = new CoreHost(database);

        var before = await host.Migrator.GetStatusAsync(CancellationToken.None);
        Assert.Equal("0", await Sql.ValueAsync(database, "select count(*) from pg_namespace where nspname = 'lexyhub_jobs'"));
        await host.MigrateCoreAsync();
        var after = await host.Migrator.GetStatusAsync(CancellationToken.None);

        Assert.Empty(before.Applied);
        Assert.Equal(Migrator.ScriptNames(), before.Pending);
        Assert.Equal(CoreScripts, after.Applied);
        Assert.Equal(Migrator.ScriptNames().Except(CoreScripts), after.Pending);
    }

    [Fact]
    public async Task ApplyAsync_LastScriptFails_RollsTheWholeSetBack()
    {
        var database = await postgres.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, "create schema lexyhub_jobs; create table lexyhub_jobs.term_trends (in_the_way int)");
        await using var host = new CoreHost(database);

        var problem = await Assert.ThrowsAsync<DatabaseException>(host.MigrateCoreAsync);

        Assert.Contains("term_trends", problem.Message, StringComparison.Ordinal);
        Assert.Empty(await Sql.RowsAsync(database, TablesSql));
        Assert.Equal(["term_trends"], await Sql.RowsAsync(database, "select tablename from pg_tables where schemaname = 'lexyhub_jobs'"));

        await Sql.ExecuteAsync(database, "drop table lexyhub_jobs.term_trends");
        Assert.Equal(CoreScripts, (await host.MigrateCoreAsync()).Applied);
    }
}
