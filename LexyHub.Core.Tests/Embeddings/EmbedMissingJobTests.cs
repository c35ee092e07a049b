using System.Text.Json.Nodes;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Embeddings;

[Collection(VectorPostgresCollection.Name)]
public sealed class EmbedMissingJobTests(VectorPostgres postgres)
{
    private const string ShopSql = """
        insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
        insert into marketplace_accounts (id, provider_id, external_shop_id) values ('00000000-0000-0000-0000-0000000000aa', 'etsy', '1');
        """;

    private const string DueSql = """
        select (select count(*) from lexyhub_jobs.embedding_due_terms) + (select count(*) from lexyhub_jobs.embedding_due_listings)
        """;

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 20, 0, 5, 0, TimeSpan.Zero));
    private readonly FakeEmbeddingService service = new();

    [Fact]
    public async Task RunAsync_KeywordsThatShareATerm_SendsTheTermOnceAndStoresItUnderLexyHubsHash()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term, market) values ('Gold  Hoop', 'us'), ('gold hoop', 'uk'), ('wool scarf', 'us')");

        var answer = await RunAsync(host);

        Assert.Equal(["gold hoop", "wool scarf"], service.Sent.Order());
        Assert.Equal(
            (200, "succeeded", 2L, 2L, 0L, 1L, 4L),
            (answer.StatusCode, answer.Status, Count(answer, "processed"), Count(answer, "keywords"), Count(answer, "listings"), Count(answer, "requests"), Count(answer, "tokens")));
        Assert.Equal(FakeEmbeddingService.RealModel, (string?)answer.Body["model"]);
        Assert.Equal(2, await host.QueryAsync<long>("""
            select count(*) from embeddings where model = 'text-embedding-3-large'
                and term_hash = encode(sha256(convert_to('text-embedding-3-large::' || term, 'UTF8')), 'hex')
            """));
        Assert.Equal(
            FakeEmbeddingService.VectorOf("gold hoop")[..3],
            await host.QueryAsync<float[]>("select (embedding::real[])[1:3] from embeddings where term = 'gold hoop'"));
        Assert.Equal(0, await host.QueryAsync<long>(DueSql));
        Assert.Equal("4 0.000001", await host.QueryAsync<string>("select tokens || ' ' || estimated_cost_usd from lexyhub_jobs.embedding_usage"));
        Assert.Equal("4 4 0.000001", await host.QueryAsync<string>("""
            select tokens_consumed || ' ' || (metadata #>> '{counts,tokens}') || ' ' || (metadata #>> '{counts,estimatedCostUsd}')::numeric from job_runs
            """));
    }

    [Fact]
    public async Task RunAsync_KeywordsWithoutText_AreSkippedAndCounted()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync($"insert into keywords (term) values ('gold hoop'), (E' \t '), ('{new string('a', 501)}')");

        var answer = await RunAsync(host);

        Assert.Equal(("succeeded", 1L, 2L), (answer.Status, Count(answer, "processed"), Count(answer, "skipped")));
        Assert.Equal(["gold hoop"], service.Sent);
    }

    [Fact]
    public async Task RunAsync_RealVectorThatCannotBeWritten_LeavesTheLocalOne()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('gold hoop')");
        (service.IsLocal, service.Model) = (true, FakeEmbeddingService.LocalModel);
        await RunAsync(host);

        // The last thing that the transaction does.
        await host.ExecuteAsync("""
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no usage'; end $$;
            create trigger refuse before insert on lexyhub_jobs.embedding_usage for each row execute function refuse();
            """);
        (service.IsLocal, service.Model) = (false, FakeEmbeddingService.RealModel);
        Assert.Equal(500, (await RunAsync(host)).StatusCode);

        Assert.Equal("lexyhub-local-1", await host.QueryAsync<string>("select string_agg(model, ' ') from embeddings"));
    }

    [Fact]
    public async Task RunAsync_NoTriggersOnListings_ComparesAtEachRunAndSaysSo()
    {
        using var log = new Http.CapturedLog();
        await using var host = await HostAsync(log: log);
        await host.ExecuteAsync(ShopSql + """
            insert into listings (marketplace_account_id, external_listing_id, title) values ('00000000-0000-0000-0000-0000000000aa', '1', 'Hoops');
            insert into lexyhub_jobs.job_state (name, value) values ('listing-triggers', '"denied"');
            drop trigger lexyhub_jobs_changed on listings;
            """);
        await RunAsync(host);

        await host.ExecuteAsync("update listings set title = 'Other hoops'");
        await RunAsync(host);

        Assert.Equal(["Hoops", "Other hoops"], service.Sent);
        Assert.Contains("grant trigger on listings, listing_tags", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_LeaseLostWhileARequestIsUnderWay_WritesNothing()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('gold hoop')");
        service.BeforeAnswer = _ => host.ExecuteAsync("update lexyhub_jobs.job_leases set epoch = epoch + 1");

        var answer = await RunAsync(host);

        Assert.Equal((503, "lease-lost"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Equal(1, await host.QueryAsync<long>(DueSql));
        Assert.Equal(0, await host.QueryAsync<long>("select (select count(*) from embeddings) + (select count(*) from lexyhub_jobs.embedding_usage)"));
    }

    [Fact]
    public async Task RunAsync_RowsOfLexyHub_ArePaidForAgainOnlyWhereTheirModelIsNoise()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("""
            insert into keywords (term) values ('real one'), ('noise');
            insert into embeddings (term_hash, term, embedding, model)
            select encode(sha256(convert_to('text-embedding-3-large::' || t, 'UTF8')), 'hex'), t, array_fill(0.5::real, array[3072])::vector, m
            from (values ('real one', 'text-embedding-3-large'), ('noise', 'text-embedding-3-large-deterministic-fallback')) as v (t, m)
            """);

        await RunAsync(host);

        Assert.Equal(["noise"], service.Sent);
        Assert.Equal("2 2", await host.QueryAsync<string>("select count(*) || ' ' || count(*) filter (where model = 'text-embedding-3-large') from embeddings"));
        Assert.Equal(0, await host.QueryAsync<long>(DueSql));
    }

    [Theory]
    [InlineData("23505")]
    [InlineData("0A000")]
    public async Task RunAsync_CopyIsRefused_InsertsTheSameRows(string sqlState)
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync($"""
            insert into keywords (term) values ('gold hoop'), ('wool scarf');
            create function refuse() returns trigger language plpgsql as $$
                begin raise exception 'no copy' using errcode = '{sqlState}'; end $$;
            create trigger refuse before insert on embeddings
                for each row when (current_query() ilike 'copy embeddings %') execute function refuse();
            """);

        var answer = await RunAsync(host);

        Assert.Equal(("succeeded", 2L), (answer.Status, Count(answer, "processed")));
        Assert.Equal("gold hoop,wool scarf", await host.QueryAsync<string>("select string_agg(term, ',' order by term) from embeddings"));
        Assert.Equal(0, await host.QueryAsync<long>(DueSql));
    }

    [Fact]
    public async Task RunAsync_LocalThenReal_ReplacesTheLocalVectorsAndNeverTheOtherWay()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(ShopSql + """
            insert into keywords (term) values ('gold hoop');
            insert into listings (marketplace_account_id, external_listing_id, title) values ('00000000-0000-0000-0000-0000000000aa', '1', 'Hoops');
            """);
        const string models = "select string_agg(model, ' ' order by model) from (select model from embeddings union all select model from lexyhub_jobs.listing_embeddings) m";
        (service.IsLocal, service.Model) = (true, FakeEmbeddingService.LocalModel);
        await RunAsync(host);
        Assert.Equal("lexyhub-local-1 lexyhub-local-1", await host.QueryAsync<string>(models));

        (service.IsLocal, service.Model) = (false, FakeEmbeddingService.RealModel);
        var real = await RunAsync(host);
        Assert.Equal(2, Count(real, "processed"));
        Assert.Equal("text-embedding-3-large text-embedding-3-large", await host.QueryAsync<string>(models));

        (service.IsLocal, service.Model) = (true, FakeEmbeddingService.LocalModel);
        await host.ExecuteAsync("update listings set title = 'Other hoops'");
        var local = await RunAsync(host);
        Assert.Equal(0, Count(local, "processed"));
        Assert.Equal("text-embedding-3-large text-embedding-3-large", await host.QueryAsync<string>(models));

        (service.IsLocal, service.Model) = (false, FakeEmbeddingService.RealModel);
        await RunAsync(host);
        Assert.Equal("Other hoops", service.Sent[^1]);
    }

    [Fact]
    public async Task RunAsync_ListingsTextChanged_IsMadeAnewAndItsOldVectorGoes()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(ShopSql + """
            insert into listings (id, marketplace_account_id, external_listing_id, title, description) values
                ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-0000000000aa', '1', ' Hoops ', 'Of gold.'),
                ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-0000000000aa', '2', 'Scarf', null),
                ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-0000000000aa', '3', '  ', null);
            insert into listing_tags (listing_id, tag) values
                ('00000000-0000-0000-0000-000000000001', 'hoop'), ('00000000-0000-0000-0000-000000000001', 'gold');
            """);
        var first = await RunAsync(host);
        Assert.Equal((2L, 1L), (Count(first, "listings"), Count(first, "skipped")));
        Assert.Equal(["Hoops\nTags: gold, hoop\nOf gold.", "Scarf"], service.Sent);

        // Neither a price nor tags written in another order make a text another one.
        service.Sent.Clear();
        await host.ExecuteAsync("""
            update listings set price_cents = 5;
            delete from listing_tags;
            insert into listing_tags (listing_id, tag) values
                ('00000000-0000-0000-0000-000000000001', 'gold'), ('00000000-0000-0000-0000-000000000001', 'hoop');
            """);
        Assert.Equal(0, Count(await RunAsync(host), "processed"));
        Assert.Empty(service.Sent);

        await host.ExecuteAsync("""
            update listings set description = 'Of silver.' where external_listing_id = '1';
            update listing_tags set tag = 'silver' where tag = 'gold';
            delete from listings where external_listing_id = '2';
            """);
        Assert.Equal(1, Count(await RunAsync(host), "processed"));
        Assert.Equal(["Hoops\nTags: hoop, silver\nOf silver."], service.Sent);
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.listing_embeddings"));
        Assert.Equal(0, await host.QueryAsync<long>(DueSql));
    }

    [Fact]
    public async Task RunAsync_ListingChangedWhileItsRequestIsUnderWay_StaysDue()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(ShopSql + """
            insert into listings (marketplace_account_id, external_listing_id, title) values ('00000000-0000-0000-0000-0000000000aa', '1', 'Hoops')
            """);
        service.BeforeAnswer = _ => host.ExecuteAsync("update listings set title = 'Other hoops'");
        await RunAsync(host);
        Assert.Equal(1, await host.QueryAsync<long>(DueSql));

        service.BeforeAnswer = null;
        await RunAsync(host);

        Assert.Equal(["Hoops", "Other hoops"], service.Sent);
        Assert.Equal(0, await host.QueryAsync<long>(DueSql));
    }

    [Fact]
    public async Task RunAsync_TrendsTouchedEveryKeyword_FindsNothingDue()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 300) i");
        await RunAsync(host);
        service.Sent.Clear();

        await host.ExecuteAsync("update keywords set trend_momentum = 0.5, extras = '{\"trend\": {}}'");

        Assert.Equal(0, await host.QueryAsync<long>(DueSql));
        var answer = await RunAsync(host);
        Assert.Equal(("succeeded", 0L), (answer.Status, Count(answer, "processed")));
        Assert.NotNull(answer.Body["message"]);
        Assert.Empty(service.Sent);
    }

    [Fact]
    public async Task RunAsync_ModelChanged_MakesEverythingDue()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(ShopSql + """
            insert into keywords (term) values ('gold hoop');
            insert into listings (marketplace_account_id, external_listing_id, title) values ('00000000-0000-0000-0000-0000000000aa', '1', 'Hoops');
            """);
        await RunAsync(host);

        service.Model = "text-embedding-4";
        Assert.Equal(2, Count(await RunAsync(host), "processed"));
        Assert.Equal(0, Count(await RunAsync(host), "processed"));
    }

    [Fact]
    public async Task RunAsync_ListingsOfOneText_AreSentOnceHoweverFarApartAndInLaterRuns()
    {
        await using var host = await HostAsync();
        service.BatchSize = 1;
        await host.ExecuteAsync(ShopSql + """
            insert into listings (marketplace_account_id, external_listing_id, title)
            select '00000000-0000-0000-0000-0000000000aa', i, 'Hoops ' || i % 2 from generate_series(1, 6) i
            """);

        var first = await RunAsync(host);
        await host.ExecuteAsync("""
            insert into listings (marketplace_account_id, external_listing_id, title) values ('00000000-0000-0000-0000-0000000000aa', '7', 'Hoops 1')
            """);
        var second = await RunAsync(host);

        Assert.Equal(["Hoops 0", "Hoops 1"], service.Sent.Order());
        Assert.Equal((6L, 6L, 2L, "succeeded"), (Count(first, "processed"), Count(first, "listings"), Count(first, "tokens"), first.Status));
        Assert.Equal((1L, 0L, 0L), (Count(second, "listings"), Count(second, "tokens"), Count(second, "requests")));
        Assert.Equal("7 2", await host.QueryAsync<string>("""
            select count(*) || ' ' || count(distinct (e.embedding::text, e.text_hash)) from lexyhub_jobs.listing_embeddings e
            join listings l on l.id = e.listing_id and e.text_hash = encode(sha256(convert_to(l.title, 'UTF8')), 'hex')
            """));
        Assert.Equal(0, await host.QueryAsync<long>(DueSql));
    }

    [Fact]
    public async Task RunAsync_ListingsOfOnePoisonedText_AllGoIntoQuarantine()
    {
        await using var host = await HostAsync();
        service.Poison.Add("Hoops");
        await host.ExecuteAsync(ShopSql + """
            insert into keywords (term) values ('gold hoop');
            insert into listings (marketplace_account_id, external_listing_id, title)
            select '00000000-0000-0000-0000-0000000000aa', i, 'Hoops' from generate_series(1, 3) i
            """);

        var answer = await RunAsync(host);

        Assert.Equal((1L, 3L, 0L), (Count(answer, "processed"), Count(answer, "failed"), Count(answer, "remaining")));
        Assert.Equal(3, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.embedding_quarantine"));
        Assert.Equal(0, await host.QueryAsync<long>(DueSql));
    }

    [Fact]
    public async Task RunAsync_TemplateChanged_MakesListingsAnewWhoseTextIsAnotherOne()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(ShopSql + """
            insert into listings (marketplace_account_id, external_listing_id, title)
            select '00000000-0000-0000-0000-0000000000aa', i, 'Hoops ' || i from generate_series(1, 3) i;
            """);
        await RunAsync(host);
        service.Sent.Clear();

        // What an earlier template made of one of them; that alone makes it due no sooner than the next day.
        await host.ExecuteAsync("""
            update lexyhub_jobs.listing_embeddings set text_hash = encode(sha256('Hoops, two'), 'hex')
            where listing_id = (select id from listings where title = 'Hoops 2')
            """);
        Assert.Equal(0, Count(await RunAsync(host), "processed"));

        await host.ExecuteAsync($$"""
            update lexyhub_jobs.job_state set value = to_jsonb(regexp_replace(value #>> '{}', ' {{service.Dimensions}} {{ListingText.Template}}$', ' {{service.Dimensions}} 0'))
            where name = 'embeddings-reconciled'
            """);
        Assert.Equal(1, Count(await RunAsync(host), "processed"));
        Assert.Equal(["Hoops 2"], service.Sent);
        Assert.Equal(0, Count(await RunAsync(host), "processed"));
    }

    [Fact]
    public async Task ReadAsync_KeywordsAndListings_ComeSideBySideSoThatRequestsAreFullInBothLimits()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(ShopSql + """
            insert into keywords (term) select 'term ' || i from generate_series(1, 4000) i;
            insert into listings (marketplace_account_id, external_listing_id, title)
            select '00000000-0000-0000-0000-0000000000aa', i, 'Hoops ' || i from generate_series(1, 1000) i;
            update lexyhub_jobs.keyword_terms t set term = k.term, source_term = k.term from keywords k where k.id = t.keyword_id;
            """);
        var scope = EmbeddingScope.Of(service, new EmbeddingOptions());
        var store = new DueStore(host.DataSource, scope);
        var feed = new DueFeed(store, scope, await store.CountAsync(CancellationToken.None), time, CancellationToken.None);

        var kinds = new List<string>();
        await foreach (var page in feed.ReadAsync(allowance: null))
        {
            kinds.AddRange(page.Texts.Select(text => text.Kind));
        }

        Assert.Equal(5_000, kinds.Count);
        foreach (var texts in kinds.Chunk(2_500))
        {
            Assert.InRange(texts.Count(kind => kind == "listing"), 250, 750);
        }
    }

    [Fact]
    public async Task RunAsync_VectorLostBehindTheTriggers_IsMadeAnewTheNextDay()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('gold hoop')");
        await RunAsync(host);
        await host.ExecuteAsync("delete from embeddings");

        Assert.Equal(0, Count(await RunAsync(host), "processed"));
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, Count(await RunAsync(host), "processed"));
    }

    [Fact]
    public async Task RunAsync_PoisonedText_IsQuarantinedRetriedWithGrowingDelayAndGivenUp()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('gold hoop'), ('poison')");
        service.Poison.Add("poison");

        var answer = await RunAsync(host);

        Assert.Equal(("partial", "failed-items", 1L, 1L, 0L), (answer.Status, (string?)answer.Body["stopReason"], Count(answer, "processed"), Count(answer, "failed"), Count(answer, "remaining")));
        Assert.Equal("keyword poison", (string?)answer.Body["errors"]![0]!["item"]);
        Assert.Contains("no thanks", (string?)answer.Body["errors"]![0]!["error"], StringComparison.Ordinal);
        foreach (var hours in (int[])[1, 4, 16, 64])
        {
            service.Sent.Clear();
            time.Advance(TimeSpan.FromHours(hours) - TimeSpan.FromMinutes(1));
            await RunAsync(host);
            Assert.Empty(service.Sent);
            time.Advance(TimeSpan.FromMinutes(1));
            await RunAsync(host);
            Assert.Equal(["poison"], service.Sent);
        }

        Assert.Equal("5 given up", await host.QueryAsync<string>("select attempts || case when retry_at is null then ' given up' else '' end from lexyhub_jobs.embedding_quarantine"));
        time.Advance(TimeSpan.FromDays(60));
        service.Sent.Clear();
        Assert.Equal("succeeded", (await RunAsync(host)).Status);
        Assert.Empty(service.Sent);
    }

    [Fact]
    public async Task RunAsync_QuarantinedTextAcceptedLater_LeavesQuarantine()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('gold hoop'), ('poison')");
        service.Poison.Add("poison");
        await RunAsync(host);

        service.Poison.Clear();
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, Count(await RunAsync(host), "processed"));
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.embedding_quarantine"));
    }

    [Fact]
    public async Task RunAsync_BatchFailed_StaysDueAndTheOthersGoIn()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(101, 150) i");
        (service.BatchSize, service.Broken) = (10, "term 115");

        var answer = await RunAsync(host);

        Assert.Equal(("partial", 40L, 10L), (answer.Status, Count(answer, "processed"), Count(answer, "failed")));
        Assert.Equal(10, await host.QueryAsync<long>(DueSql));
        service.Broken = null;
        Assert.Equal(10, Count(await RunAsync(host), "processed"));
    }

    [Fact]
    public async Task RunAsync_CapReached_EndsPartialOverAllRunsOfTheDay()
    {
        await using var host = await HostAsync(new() { ["Embeddings:MaxTokensPerDay"] = "20" });
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(101, 150) i");

        var first = await RunAsync(host);
        var second = await RunAsync(host);

        var done = Count(first, "processed") + Count(second, "processed");
        Assert.Equal(("partial", "cap", 50 - Count(first, "processed")), (first.Status, (string?)first.Body["stopReason"], Count(first, "remaining")));
        Assert.Equal(("partial", "cap"), (second.Status, (string?)second.Body["stopReason"]));
        Assert.InRange(done, 8, 10);
        Assert.InRange(await host.QueryAsync<long>("select sum(tokens)::bigint from lexyhub_jobs.embedding_usage"), 16, 20);

        time.Advance(TimeSpan.FromDays(1));
        Assert.InRange(Count(await RunAsync(host), "processed"), 8, 10);
    }

    [Fact]
    public async Task RunAsync_BudgetUsedUp_KeepsWhatWasAnsweredAndGoesOnInTheNextRun()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(101, 150) i");
        service.BatchSize = 10;
        service.BeforeAnswer = answers =>
        {
            if (answers == 2)
            {
                time.Advance(TimeSpan.FromSeconds(200));
            }

            return Task.CompletedTask;
        };

        var first = await host.RunAsync(new RunRequest(JobCatalog.EmbedMissing, RunTrigger.Http));

        Assert.Equal(("partial", "time", 30L, 20L), (first.Status, (string?)first.Body["stopReason"], Count(first, "processed"), Count(first, "remaining")));
        service.BeforeAnswer = null;
        Assert.Equal(20, Count(await RunAsync(host), "processed"));
        Assert.Equal(50, service.Sent.Distinct().Count());
        Assert.Equal(50, service.Sent.Count);
    }

    [Fact]
    public async Task RunAsync_RequestUnderWay_HoldsNoTransaction()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('gold hoop')");
        var open = new List<long>();
        service.BeforeAnswer = async _ =>
            open.Add(await host.QueryAsync<long>("select count(*) from pg_stat_activity where state = 'idle in transaction' and pid <> pg_backend_pid()"));

        await RunAsync(host);

        Assert.Equal([0L], open);
    }

    [Fact]
    public async Task RunAsync_ProviderEndsTheRun_KeepsWhatWasAnsweredAndSaysWhy()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(101, 150) i");
        service.BatchSize = 10;
        service.BeforeAnswer = answers => answers == 2
            ? throw new JobException("provider-quota-exhausted", 502, "Raise the quota.")
            : Task.CompletedTask;

        var answer = await RunAsync(host);

        Assert.Equal((502, "provider-quota-exhausted"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Equal(20, await host.QueryAsync<long>("select count(*) from embeddings"));
        Assert.Equal(30, await host.QueryAsync<long>(DueSql));
    }

    [Fact]
    public async Task RunAsync_ModelOfOtherWidth_SaysWhichSetting()
    {
        await using var host = await HostAsync();
        service.Dimensions = 1536;

        var answer = await RunAsync(host);

        Assert.Equal((500, "dimensions-mismatch"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Contains("Embeddings:Dimensions", (string?)answer.Body["error"], StringComparison.Ordinal);
    }

    private static long Count(JobAnswer answer, string name) => answer.Body[name] is JsonNode value ? (long)value : throw new InvalidOperationException(answer.Body.ToJsonString());

    private static Task<JobAnswer> RunAsync(JobHost host) => host.RunAsync(new RunRequest(JobCatalog.EmbedMissing, RunTrigger.Cli));

    private async Task<JobHost> HostAsync(Dictionary<string, string?>? settings = null, ILoggerProvider? log = null)
    {
        var host = JobHost.Create(
            await postgres.CreateDatabaseAsync(),
            settings,
            time: time,
            configure: services =>
            {
                services.Replace(ServiceDescriptor.Singleton<IEmbeddingServiceFactory>(service));
                if (log is not null)
                {
                    services.AddSingleton(log);
                }
            });
        await host.Services.GetRequiredService<Migrator>().ApplyAsync([], CancellationToken.None);
        return host;
    }
}
