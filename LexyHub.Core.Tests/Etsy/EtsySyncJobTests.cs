using System.Text.Json.Nodes;
using LexyHub.Core.Tests.Data;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Etsy;

[Collection(NativePostgresCollection.Name)]
public sealed class EtsySyncJobTests(NativePostgres postgres)
{
    private const string ListingsSql = """
        select external_listing_id || '|' || title || '|' || status || '|' || coalesce(price_cents::text, '-') || '|' || currency from listings order by external_listing_id
        """;

    [Fact]
    public async Task RunAsync_FirstTime_ReadsEveryStateIntoTheTables()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(7, listings: 0, metadata: """{"market": " UK ", "theirs": 1}""");
        host.Etsy.Shops[7].AddRange(
        [
            new ShopListing(71) { Title = "Mum&#39;s &lt;3 &amp;amp; tea &quot;☕&quot;", Tags = ["Tea Mug", "mother&#39;s day", "", "tea  mug"], More = new() { ["num_favorers"] = 12, ["original_creation_timestamp"] = 1_650_000_000 } },
            new ShopListing(72) { Title = "手作りの茶碗", State = "sold_out", Tags = ["茶碗"], More = new() { ["price"] = Money(1_500, 1, "JPY") } },
            new ShopListing(73) { Title = "Entwurf für später", State = "draft", More = new() { ["quantity"] = 3 } },
            new ShopListing(74) { Title = "Odd", More = new() { ["state"] = "vacation", ["price"] = Money(12_345, 1_000, "KWD") } },
        ]);

        var answer = await host.RunAsync();

        Assert.Equal((200, "succeeded"), (answer.StatusCode, answer.Status));
        Assert.Equal(
            ["71|Mum's <3 &amp; tea \"☕\"|active|1250|USD", "72|手作りの茶碗|sold_out|150000|JPY", "73|Entwurf für später|draft|1250|USD", "74|Odd|vacation|-|KWD"],
            await host.RowsAsync(ListingsSql));
        Assert.Equal(["Tea Mug|seller", "mother's day|seller", "茶碗|seller"], await host.RowsAsync("select tag || '|' || source from listing_tags order by tag collate \"C\""));
        Assert.Equal(["Tea Mug|uk|etsy", "mother's day|uk|etsy", "茶碗|uk|etsy"], await host.RowsAsync("select term || '|' || market || '|' || source from keywords order by term collate \"C\""));
        Assert.Equal(3, (long)answer.Body["keywordsAdded"]!);
        Assert.Equal(["12|"], await host.RowsAsync("select s.favorites || '|' || coalesce(s.views::text, '') from listing_stats s join listings l on l.id = s.listing_id where external_listing_id = '71'"));
        Assert.Equal("2022-04-15", await Sql.ValueAsync(host.Connection, "select (published_at at time zone 'UTC')::date::text from listings where external_listing_id = '71'"));
        Assert.Equal("", await Sql.ValueAsync(host.Connection, "select published_at from listings where external_listing_id = '73'"));
        Assert.Equal("12345 1000 KWD", await Sql.ValueAsync(host.Connection, """
            select concat_ws(' ', extras #>> '{etsy,price,amount}', extras #>> '{etsy,price,divisor}', extras #>> '{etsy,price,currencyCode}') from listings where external_listing_id = '74'
            """));
        Assert.Equal(["active", "sold_out", "inactive", "expired", "draft"], host.Etsy.Pages.Select(page => State(page.Target)));
        Assert.Equal("succeeded", await Sql.ValueAsync(host.Connection, "select status from provider_sync_states where sync_type = 'etsy:listings' and cursor is null and message is null"));
        Assert.Equal("1", await Sql.ValueAsync(host.Connection, "select metadata ->> 'theirs' from marketplace_accounts where last_synced_at is not null"));
    }

    [Fact]
    public async Task RunAsync_NothingChanged_ReadsOnePageAStateAndWritesNothing()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 250);
        var first = await host.RunAsync();
        await host.Host.ExecuteAsync("update listings set updated_at = '2001-01-01'");
        var pages = host.Etsy.Pages.Count();

        var second = await host.RunAsync();

        Assert.Equal((250L, 250L), (Count(first, "processed"), Count(first, "upserted")));
        Assert.Equal((100L, 0L, "incremental"), (Count(second, "processed"), Count(second, "upserted"), (string?)second.Body["accounts"]![0]!["mode"]));
        Assert.Equal(5, host.Etsy.Pages.Count() - pages);
        Assert.Equal(["250"], await host.RowsAsync("select count(*) from listings where updated_at = '2001-01-01'"));
        Assert.Equal(["51"], await host.RowsAsync("select count(*) from keywords"));
        Assert.Equal(["500"], await host.RowsAsync("select count(*) from listing_tags"));
    }

    [Fact]
    public async Task RunAsync_Incremental_TakesWhatWasUpdatedDownToTheLastSuccess()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 450);
        await host.RunAsync();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        for (var i = 0; i < 130; i++)
        {
            Change(host, 1, 300 + i, listing => listing with { Title = "New", Updated = now + i });
        }

        Change(host, 1, 10, listing => listing with { State = "expired", Updated = now });

        var answer = await host.RunAsync("incremental");

        Assert.Equal(131, Count(answer, "upserted"));
        Assert.Equal(["130"], await host.RowsAsync("select count(*) from listings where title = 'New'"));
        Assert.Equal(["expired"], await host.RowsAsync($"select status from listings where external_listing_id = '{100_011}'"));
        Assert.Equal(["0", "99"], host.Etsy.Pages.Skip(9).Where(page => State(page.Target) == "active").Select(page => Query(page.Target, "offset")));
    }

    [Fact]
    public async Task RunAsync_EtsyDoesNotSort_IncrementalReadsAll()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        host.Etsy.SortsByUpdate = false;
        await host.ConnectAsync(1, listings: 450);
        host.Etsy.Shops[1] = [.. host.Etsy.Shops[1].Select((listing, i) => listing with { Updated = 1_600_000_000 + (i * 7_919 % 450 * 3_600) })];
        await host.RunAsync();
        Change(host, 1, 440, listing => listing with { Title = "Deep", Updated = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() });

        var answer = await host.RunAsync("incremental");

        Assert.Equal((1L, 450L), (Count(answer, "upserted"), Count(answer, "processed")));
        Assert.Contains("does not sort", host.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_TagsAndTextsChange_TagsGoAndOthersStay()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1);
        Change(host, 1, 0, listing => listing with { Tags = ["Gold Hoop", "old"] });
        await host.RunAsync();
        await host.Host.ExecuteAsync("""
            update listing_tags set tag = 'gold hoop' where tag = 'Gold Hoop';
            insert into listing_tags (listing_id, tag, source) select id, 'suggested', 'ai' from listings;
            insert into listing_tags (listing_id, tag, source) select id, 'ancient', null from listings;
            update listings set extras = extras || '{"classification": {"intent": "gift"}}';
            update listing_stats set views = 77, favorites = 1;
            """);
        Change(host, 1, 0, listing => listing with { Tags = ["GOLD HOOP", "new"], More = new() { ["num_favorers"] = 5 } });

        await host.RunAsync("full");

        Assert.Equal(["gold hoop|seller", "new|seller", "suggested|ai"], await host.RowsAsync("select tag || '|' || source from listing_tags order by tag"));
        Assert.Equal(["gift"], await host.RowsAsync("select extras #>> '{classification,intent}' from listings"));
        Assert.Equal(["5 77"], await host.RowsAsync("select favorites || ' ' || views from listing_stats"));
        Assert.Equal(["3"], await host.RowsAsync("select count(*) from keywords"));
    }

    [Fact]
    public async Task RunAsync_EtsyTellsViews_TakesThemAndNeverAZero()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 1);
        Change(host, 1, 0, listing => listing with { More = new() { ["views"] = 40, ["num_favorers"] = 2 } });
        await host.RunAsync();
        Change(host, 1, 0, listing => listing with { More = new() { ["views"] = 0, ["num_favorers"] = 0 } });

        await host.RunAsync("full");

        Assert.Equal(["0 40"], await host.RowsAsync("select favorites || ' ' || views from listing_stats"));
    }

    [Fact]
    public async Task RunAsync_ListingsGone_BecomeInactiveAfterAFullRunOnly()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        var account = await host.ConnectAsync(1, listings: 150);
        await host.RunAsync();
        await host.Host.ExecuteAsync($"insert into listings (marketplace_account_id, external_listing_id, title) values ('{account}', 'abcdef', 'imported')");
        host.Etsy.Shops[1].RemoveRange(20, 30);

        var incremental = await host.RunAsync("incremental");
        var full = await host.RunAsync("full");
        var again = await host.RunAsync("full");

        Assert.Equal((0L, 30L, 0L), (Count(incremental, "inactivated"), Count(full, "inactivated"), Count(again, "inactivated")));
        Assert.Equal(["active 121", "inactive 30"], await host.RowsAsync("select status || ' ' || count(*) from listings group by status order by 1"));
        Assert.Equal(["0"], await host.RowsAsync("select count(*) from lexyhub_jobs.etsy_seen_listings"));
    }

    [Fact]
    public async Task RunAsync_StatesChosen_LeavesOthersAlone()
    {
        await using var host = await EtsyHost.CreateAsync(postgres, "", ("Etsy:States:0", "active"));
        var account = await host.ConnectAsync(1, listings: 3);
        await host.RunAsync();
        await host.Host.ExecuteAsync($"insert into listings (marketplace_account_id, external_listing_id, title, status) values ('{account}', '5', 'sold', 'sold_out'), ('{account}', '6', 'gone', 'active')");

        await host.RunAsync("full");

        Assert.Equal(["5 sold_out", "6 inactive"], await host.RowsAsync("select external_listing_id || ' ' || status from listings where length(external_listing_id) = 1 order by 1"));
        Assert.All(host.Etsy.Pages, page => Assert.Equal("active", State(page.Target)));
    }

    [Fact]
    public async Task RunAsync_MoreListingsThanEtsyLists_ReportsItAndTakesNoneToBeGone()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        host.Etsy.IsBrief = true;
        var account = await host.ConnectAsync(1, listings: 12_150);
        await host.Host.ExecuteAsync($"insert into listings (marketplace_account_id, external_listing_id, title) values ('{account}', '{112_150}', 'beyond'), ('{account}', '5', 'unknown')");

        var answer = await host.RunAsync();

        Assert.Equal(("partial", "failed-items", 12_100L), (answer.Status, (string?)answer.Body["stopReason"], Count(answer, "upserted")));
        Assert.Contains("no more than 12,100 of its 12,150 active listings", answer.Body["errors"]![0]!["error"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["0"], await host.RowsAsync("select count(*) from listings where status = 'inactive'"));
        Assert.Equal("12000", host.Etsy.Pages.Where(page => State(page.Target) == "active").Select(page => Query(page.Target, "offset")).Last());
        Assert.Equal("incremental", (string?)(await host.RunAsync()).Body["accounts"]![0]!["mode"]);
    }

    [Theory]
    [InlineData(LexyHubVariant.NewerKeywords)]
    [InlineData(LexyHubVariant.OlderKeywords)]
    public async Task RunAsync_OnLexyHubsOwnTables_WorksOnEither(LexyHubVariant variant)
    {
        var keywords = variant == LexyHubVariant.NewerKeywords ? LexyHubSchemas.NewerKeywords : LexyHubSchemas.OlderKeywords;
        await using var host = await EtsyHost.CreateAsync(postgres, keywords + LexyHubSchemas.Tables + """
            alter table listings add column owner_user_id uuid;
            update listings set owner_user_id = gen_random_uuid();
            alter table listings alter column owner_user_id set not null;
            """);
        await host.ConnectAsync(9, listings: 120);
        Change(host, 9, 0, listing => listing with { Tags = ["LINEN dress", "brand new"] });

        await host.RunAsync(account: await host.Host.QueryAsync<Guid>("select id from marketplace_accounts where external_shop_id = '9'"));
        await host.RunAsync("full", await host.Host.QueryAsync<Guid>("select id from marketplace_accounts where external_shop_id = '9'"));

        Assert.Equal(["120"], await host.RowsAsync("""
            select count(*) from listings l join marketplace_accounts a on a.id = l.marketplace_account_id
            where a.external_shop_id = '9' and l.owner_user_id = a.user_id
            """));
        Assert.Equal(["brand new"], await host.RowsAsync("select term from keywords where source = 'etsy' and market = 'us' and term = 'brand new'"));
        Assert.Equal(["0"], await host.RowsAsync("select count(*) from listing_stats s join listings l on l.id = s.listing_id where l.external_listing_id like '90%' and s.views = 0"));
    }

    [Fact]
    public async Task RunAsync_DatabaseRefusesARow_TakesTheOthers()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        await host.ConnectAsync(1, listings: 150);
        await host.Host.ExecuteAsync("alter table listings add check (title <> 'refused')");
        Change(host, 1, 120, listing => listing with { Title = "refused" });

        var answer = await host.RunAsync();

        Assert.Equal(("partial", 1L, 149L), (answer.Status, Count(answer, "failed"), Count(answer, "upserted")));
        Assert.Equal($"Shop 1, listing {100_121}", (string?)answer.Body["errors"]![0]!["item"]);
    }

    private static JsonObject Money(long amount, long divisor, string currency)
        => new() { ["amount"] = amount, ["divisor"] = divisor, ["currency_code"] = currency };

    internal static long Count(Core.Jobs.JobAnswer answer, string name) => (long)answer.Body[name]!;

    internal static void Change(EtsyHost host, long shop, int index, Func<ShopListing, ShopListing> change)
        => host.Etsy.Shops[shop][index] = change(host.Etsy.Shops[shop][index]);

    internal static string State(string target) => Query(target, "state");

    internal static string Query(string target, string name)
        => target.Split('?')[1].Split('&').Select(pair => pair.Split('=')).Single(pair => pair[0] == name)[1];

    public enum LexyHubVariant
    {
        NewerKeywords,
        OlderKeywords,
    }
}
