using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Data;

[Collection(NativePostgresCollection.Name)]
public sealed class KeywordTriggerTests(NativePostgres postgres) : IAsyncLifetime
{
    private const string DueSql = """
        select k.term from lexyhub_jobs.keyword_terms t join keywords k on k.id = t.keyword_id where t.term is null order by 1
        """;

    private const string TermsSql = "select coalesce(term, 'due') from lexyhub_jobs.keyword_terms order by 1";

    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    private CoreHost host = null!;
    private string database = "";

    public async Task InitializeAsync()
    {
        database = await postgres.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, LexyHubSchemas.Newer);
        host = Host(database, time);
        await host.MigrateCoreAsync();
        await SyncAsync();
        Assert.Empty(await Sql.RowsAsync(database, DueSql));
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    private static CoreHost Host(string database, TimeProvider time) => new(
        database,
        services => services.AddKeyedScoped<IJob>(JobCatalog.TrendAggregation, (provider, _) => new FunctionJob(async (context, cancellationToken) =>
        {
            await provider.GetRequiredService<KeywordTerms>().SyncAsync(context, cancellationToken);
            return new JobOutcome { Processed = 1 };
        })),
        time);

    private async Task SyncAsync() => Assert.Equal(RunStatus.Succeeded, (await host.RunAsync()).Status);

    [Fact]
    public async Task Insert_OneKeyword_MakesItDueAndSyncNormalisesIt()
    {
        await Sql.ExecuteAsync(database, "insert into keywords (term) values ('  Silver   RING ')");
        Assert.Equal(["Silver   RING"], await Sql.RowsAsync(database, DueSql));

        await SyncAsync();

        Assert.Equal(
            ["boho wedding", "cat mug", "gold hoop earrings", "linen dress", "silver ring"], await Sql.RowsAsync(database, TermsSql));
        Assert.Empty(await Sql.RowsAsync(database, DueSql));
    }

    [Fact]
    public async Task Insert_ManyWithSomeThereAlready_MakesTheNewOnesDue()
    {
        await Sql.ExecuteAsync(database, "insert into keywords (term) select 'term ' || n from generate_series(1, 1000) n");
        await SyncAsync();

        await Sql.ExecuteAsync(
            database, "insert into keywords (term) select 'term ' || n from generate_series(999, 1002) n on conflict do nothing");

        Assert.Equal(["term 1001", "term 1002"], await Sql.RowsAsync(database, DueSql));
        Assert.Equal("1006", await Sql.ValueAsync(database, "select count(*) from lexyhub_jobs.keyword_terms"));
    }

    [Fact]
    public async Task Update_OfTheTerm_MakesThoseDueWhoseTermChanged()
    {
        await Sql.ExecuteAsync(database, "update keywords set term = case when term = 'cat mug' then 'dog mug' else term end");
        Assert.Equal(["dog mug"], await Sql.RowsAsync(database, DueSql));

        await SyncAsync();

        Assert.Equal(["boho wedding", "dog mug", "gold hoop earrings", "linen dress"], await Sql.RowsAsync(database, TermsSql));
    }

    [Fact]
    public async Task Update_OfOtherColumns_MakesNothingDue()
    {
        await Sql.ExecuteAsync(database, """
            update keywords set trend_momentum = 0.5, extras = '{"trend": {}}', tier = 'growth', market = 'fr', demand_index = 1
            """);

        Assert.Empty(await Sql.RowsAsync(database, DueSql));
    }

    [Fact]
    public async Task Upsert_OfAKeywordThatIsThere_MakesNothingDueUnlessItsTermChanges()
    {
        await Sql.ExecuteAsync(database, """
            insert into keywords (term, source, market) values ('cat mug', 'manual', 'us')
            on conflict (term_normalized, market, source) do update set term = excluded.term, tier = 'scale'
            """);

        Assert.Empty(await Sql.RowsAsync(database, DueSql));
    }

    [Fact]
    public async Task Delete_OfKeywords_ForgetsThem()
    {
        await Sql.ExecuteAsync(database, "delete from keywords where market = 'us'");

        Assert.Equal(["linen dress"], await Sql.RowsAsync(database, TermsSql));
    }

    [Fact]
    public async Task Truncate_IsNoticedByTheNextDaysComparison()
    {
        await Sql.ExecuteAsync(database, "truncate keywords; insert into keywords (term) values ('only one')");
        await SyncAsync();
        Assert.Contains("cat mug", await Sql.RowsAsync(database, TermsSql));

        time.Advance(TimeSpan.FromDays(1));
        await SyncAsync();

        Assert.Equal(["only one"], await Sql.RowsAsync(database, TermsSql));
    }

    [Fact]
    public async Task Sync_ChangesThatTheTriggersDidNotSee_AreFoundTheNextDay()
    {
        await Sql.ExecuteAsync(database, """
            set session_replication_role = replica;
            insert into keywords (term, term_normalized) values ('unseen', 'unseen');
            update keywords set term = 'dog mug' where term = 'cat mug';
            delete from keywords where term = 'boho wedding'
            """);

        time.Advance(TimeSpan.FromDays(1));
        await SyncAsync();

        Assert.Equal(["dog mug", "gold hoop earrings", "linen dress", "unseen"], await Sql.RowsAsync(database, TermsSql));
    }
}
