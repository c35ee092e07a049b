using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Data;

[Collection(RightsClusterCollection.Name)]
public sealed class MigratorRightsTests(RightsCluster cluster)
{
    private const string GrantTables = "grant select, insert, update, delete on all tables in schema public to jobs;";

    private const string GrantCreate = """
        do $do$ begin execute format('grant create on database %I to jobs', current_database()); end $do$;
        """;

    [Fact]
    public async Task ApplyAsync_KeywordsOfAnotherOwner_GoesOnWithoutTriggersAndComparesInFull()
    {
        var database = await cluster.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, LexyHubSchemas.Newer + GrantTables + GrantCreate);
        await using var host = new CoreHost(RightsCluster.As(database, "jobs"), SyncsKeywords);
        var before = await PublicSnapshot.TakeAsync(database);

        await host.MigrateCoreAsync();

        Assert.Empty((await PublicSnapshot.TakeAsync(database, before)).AssertOnlyAddedTo(before));
        Assert.Equal("\"denied\"", await Sql.ValueAsync(database, "select value from lexyhub_jobs.job_state where name = 'keyword-triggers'"));

        // Both on the day of the migration: nothing but the comparison can see them.
        await Sql.ExecuteAsync(database, "insert into keywords (term) values ('new one'); update keywords set term = 'Dog Mug' where term = 'cat mug'");
        Assert.Equal(200, (await host.RunAsync()).StatusCode);
        await Sql.ExecuteAsync(database, "delete from keywords where term = 'new one'; update keywords set term = 'bird mug' where term = 'Dog Mug'");
        Assert.Equal(200, (await host.RunAsync()).StatusCode);
        Assert.Equal(
            ["bird mug", "boho wedding", "gold hoop earrings", "linen dress"],
            await Sql.RowsAsync(database, "select term from lexyhub_jobs.keyword_terms order by 1"));
    }

    [Fact]
    public async Task ApplyAsync_RightGrantedLater_MakesTheTriggersThenAndComparesOnce()
    {
        var database = await cluster.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, LexyHubSchemas.Newer + GrantTables + GrantCreate);
        var cli = new CliHarness(RightsCluster.As(database, "jobs"));
        await using var host = new CoreHost(RightsCluster.As(database, "jobs"), SyncsKeywords);

        Assert.Equal(0, await cli.RunAsync("migrate", "--set", "core"));
        Assert.Contains("denied   the triggers of intent-classify (keywords, listings, listing_tags)", cli.Error.ToString(), StringComparison.Ordinal);
        await Sql.ExecuteAsync(database, "grant trigger on keywords to jobs; insert into keywords (term) values ('while denied')");
        var some = await host.MigrateCoreAsync();
        await Sql.ExecuteAsync(database, "grant trigger on listings, listing_tags to jobs");
        Assert.Equal(0, await cli.RunAsync("migrate", "--set", "core"));
        var none = await host.MigrateCoreAsync();

        Assert.Equal(["trend-aggregation (keywords)"], some.TriggersMade);
        Assert.Equal(["embed-missing (listings, listing_tags)", "intent-classify (keywords, listings, listing_tags)"], some.TriggersDenied);
        Assert.Contains("made     the triggers of intent-classify (keywords, listings, listing_tags)", cli.Out.ToString(), StringComparison.Ordinal);
        Assert.Empty(none.TriggersMade.Concat(none.TriggersDenied));
        Assert.Equal("0", await Sql.ValueAsync(database, "select count(*) from lexyhub_jobs.job_state where name like '%-triggers' or name like '%-reconciled'"));
        Assert.Equal(await TriggersAsync(await OwnersAsync()), await TriggersAsync(database));

        await Sql.ExecuteAsync(database, """
            delete from lexyhub_jobs.embedding_due_listings; delete from lexyhub_jobs.intent_due;
            insert into keywords (term) values ('since then'); update listings set title = 'Gold hoops, large';
            """);
        Assert.Equal("1|1|1", await Sql.ValueAsync(database, """
            select (select count(*) from lexyhub_jobs.keyword_terms where term is null and keyword_id = (select id from keywords where term = 'since then'))
                || '|' || (select count(*) from lexyhub_jobs.embedding_due_listings) || '|' || (select count(*) from lexyhub_jobs.intent_due where kind = 'listing')
            """));
        Assert.Equal(200, (await host.RunAsync()).StatusCode);
        Assert.Equal("2", await Sql.ValueAsync(database, "select count(*) from lexyhub_jobs.keyword_terms where term in ('while denied', 'since then')"));

        async Task<string> OwnersAsync()
        {
            var other = await cluster.CreateDatabaseAsync();
            await Sql.ExecuteAsync(other, LexyHubSchemas.Newer);
            await using var owner = new CoreHost(other);
            await owner.MigrateCoreAsync();
            return other;
        }

        static Task<IReadOnlyList<string>> TriggersAsync(string of) => Sql.RowsAsync(
            of, "select pg_get_triggerdef(oid) from pg_trigger where tgname like 'lexyhub%' and tgrelid::regclass::text !~ 'lexyhub_jobs' order by 1");
    }

    [Fact]
    public async Task ApplyAsync_RoleMayNotCreateSchemas_SaysWhatToGrant()
    {
        var database = await cluster.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, LexyHubSchemas.Newer + GrantTables);
        await using var host = new CoreHost(RightsCluster.As(database, "jobs"));

        var problem = await Assert.ThrowsAsync<DatabaseException>(host.MigrateCoreAsync);

        Assert.Equal("database-right-missing", problem.Code);
        Assert.Contains("grant create on database lexyhub_test_", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApplyAsync_SchemaMadeForTheRole_NeedsNoRightOnTheDatabase()
    {
        var database = await cluster.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, LexyHubSchemas.Newer + GrantTables + "create schema lexyhub_jobs authorization jobs");
        await using var host = new CoreHost(RightsCluster.As(database, "jobs"));

        Assert.NotEmpty((await host.MigrateCoreAsync()).Applied);
    }

    [Fact]
    public async Task ApplyAsync_ColumnMissingInATableOfAnotherOwner_SaysWhoMustMigrate()
    {
        var database = await cluster.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, LexyHubSchemas.Newer + GrantTables + GrantCreate + "alter table trend_series drop column extras");
        await using var host = new CoreHost(RightsCluster.As(database, "jobs"));

        var problem = await Assert.ThrowsAsync<DatabaseException>(host.MigrateCoreAsync);

        Assert.Contains("run `lexyhub migrate` as the owner of public.trend_series", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApplyAsync_NoPgvector_KeepsTheCoreSetAndSaysSo()
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var host = new CoreHost(database);

        var problem = await Assert.ThrowsAsync<DatabaseException>(() => host.Migrator.ApplyAsync([], CancellationToken.None));

        Assert.Equal("vector-extension-missing", problem.Code);
        Assert.Contains("create extension vector", problem.Message, StringComparison.Ordinal);
        Assert.All(
            (await host.Migrator.GetStatusAsync(CancellationToken.None)).Pending,
            name => Assert.StartsWith("Vector/", name, StringComparison.Ordinal));
        Assert.True(await host.Health.IsHealthyAsync(CancellationToken.None));
    }

    [Fact]
    public async Task GetStatusAsync_RoleWithoutRights_SaysWhatToGrant()
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var owner = new CoreHost(database);
        await owner.MigrateCoreAsync();
        await using var host = new CoreHost(RightsCluster.As(database, "jobs"));

        var problem = await Assert.ThrowsAsync<DatabaseException>(() => host.Migrator.GetStatusAsync(CancellationToken.None));

        Assert.Equal("database-right-missing", problem.Code);
        Assert.Contains("grant usage, create on schema lexyhub_jobs", problem.Message, StringComparison.Ordinal);
    }

    private static void SyncsKeywords(IServiceCollection services) =>
        services.AddKeyedScoped<IJob>(JobCatalog.TrendAggregation, (provider, _) => new FunctionJob(async (context, cancellationToken) =>
        {
            await provider.GetRequiredService<KeywordTerms>().SyncAsync(context, cancellationToken);
            return new JobOutcome { Processed = 1 };
        }));
}
