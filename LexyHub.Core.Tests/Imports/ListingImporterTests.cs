using System.Text;
using LexyHub.Core.Imports;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Imports;

[Collection(NativePostgresCollection.Name)]
public sealed class ListingImporterTests(NativePostgres postgres)
{
    private const string ReadSql = """
        select external_listing_id, title, description, price_cents, currency, quantity, status, url from listings order by title
        """;

    private const string ReadTagsSql = """
        select l.title, t.tag, t.source from listing_tags t join listings l on l.id = t.listing_id order by l.title, t.tag collate "C"
        """;

    private const string File = """
        id,title,description,tags,price,currency,quantity,status,url,published_at
        1,Gold  ring,"Two
        lines &amp; one entity","gold; Ring;gold ",$12.50,usd,3,Active,https://example.com/1,2024-05-06
        2,Silver hoop,,"silver,hoop|small","1,234.5",EUR,,,,
        """;

    private static CancellationToken Cancellation => CancellationToken.None;

    /// <summary>LexyHub's listings, with and without the unique key.</summary>
    public static TheoryData<string> Variants => new()
    {
        "",
        """
        create table data_providers (id text primary key, display_name text not null, provider_type text not null);
        create table marketplace_accounts (
            id uuid primary key default gen_random_uuid(), user_id uuid, provider_id text not null references data_providers (id),
            external_shop_id text not null, shop_name text, status text not null default 'active', metadata jsonb);
        create table listings (
            id uuid primary key default gen_random_uuid(), marketplace_account_id uuid not null references marketplace_accounts (id),
            external_listing_id text not null, title text, description text, url text, currency text, price_cents int, quantity int,
            status text, published_at timestamptz, updated_at timestamptz default now(), extras jsonb);
        """,
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task ImportAsync_WithAndWithoutTheUniqueKey_AddsOnceAndThenNothing(string tables)
    {
        await using var database = await ImportDatabase.CreateAsync(postgres, tables);

        var first = await ImportAsync(database, File);
        await database.ExecuteAsync("update listings set updated_at = '2001-01-01'");
        var second = await ImportAsync(database, File);

        Assert.Equal(
            [
                "1|Gold ring|Two\nlines &amp; one entity|1250|USD|3|active|https://example.com/1",
                "2|Silver hoop||123450|EUR||active|",
            ],
            await database.ReadAsync(ReadSql));
        Assert.Equal(
            ["Gold ring|Ring|import", "Gold ring|gold|import", "Silver hoop|hoop|import", "Silver hoop|silver|import", "Silver hoop|small|import"],
            await database.ReadAsync(ReadTagsSql));
        Assert.Equal((2, 2, 0, 0, 0), Counts(first));
        Assert.Equal((2, 0, 0, 2, 0), Counts(second));
        Assert.Equal(["2001-01-01"], await database.ReadAsync("select distinct updated_at from listings"));
        Assert.Equal(["2024-05-06"], await database.ReadAsync("select published_at from listings where external_listing_id = '1'"));
    }

    [Fact]
    public async Task ImportAsync_NoAccount_MakesTheOneForImportsOnce()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        await ImportAsync(database, File);
        await ImportAsync(database, File);

        Assert.Equal(
            ["00000000-0000-8000-8000-696d706f7274|import|import"],
            await database.ReadAsync("select id, provider_id, external_shop_id from marketplace_accounts"));
        Assert.Equal(["import"], await database.ReadAsync("select id from data_providers"));
    }

    [Fact]
    public async Task ImportAsync_AccountGiven_TakesItAndLeavesOtherTags()
    {
        var account = Guid.NewGuid();
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await database.ExecuteAsync($"""
            insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
            insert into marketplace_accounts (id, provider_id, external_shop_id) values ('{account}', 'etsy', 'shop');
            insert into listings (marketplace_account_id, external_listing_id, title) values ('{account}', '1', 'Old title');
            insert into listing_tags (listing_id, tag, source) select id, 'from etsy', 'etsy' from listings;
            """);

        var report = await ImportAsync(database, File, new ListingImportOptions { AccountId = account });
        await ImportAsync(database, "id,title,tags\n1,Gold ring,ring\n", new ListingImportOptions { AccountId = account });

        Assert.Equal((2, 1, 1, 0, 0), Counts(report));
        Assert.Equal(1, await database.CountAsync("marketplace_accounts"));
        Assert.Equal(
            ["Gold ring|from etsy|etsy", "Gold ring|ring|import"],
            (await database.ReadAsync(ReadTagsSql)).Where(row => row.StartsWith("Gold", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ImportAsync_NoSuchAccount_SaysSo()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        var account = Guid.NewGuid();

        var e = await Assert.ThrowsAsync<ImportException>(
            () => ImportAsync(database, File, new ListingImportOptions { AccountId = account }));

        Assert.Contains(account.ToString(), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alter table marketplace_accounts add foreign key (user_id) references users; alter table marketplace_accounts alter user_id set not null")]
    [InlineData("alter table listings add owner_user_id uuid not null references users")]
    public async Task ImportAsync_DatabaseThatWantsAUser_SaysHowToNameOneAndTakesIt(string wants)
    {
        var user = Guid.NewGuid();
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await database.ExecuteAsync($"create table users (id uuid primary key); insert into users values ('{user}'); {wants}");

        var without = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, File));
        await database.ExecuteAsync("delete from marketplace_accounts");
        var report = await ImportAsync(database, File, new ListingImportOptions { UserId = user });
        var again = await ImportAsync(database, File);

        Assert.Contains("--user <id>", without.Message, StringComparison.Ordinal);
        Assert.Contains("--account <id>", without.Message, StringComparison.Ordinal);
        Assert.Equal((2, 2, 0, 0, 0), Counts(report));
        Assert.Equal((2, 0, 0, 2, 0), Counts(again));
        Assert.Equal([$"{user}"], await database.ReadAsync("select user_id from marketplace_accounts"));
    }

    [Fact]
    public async Task ImportAsync_NoSuchUser_SaysSo()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("create table users (id uuid primary key); alter table marketplace_accounts add foreign key (user_id) references users");

        var e = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, File, new ListingImportOptions { UserId = Guid.NewGuid() }));

        Assert.Contains("There is no user", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportAsync_AccountMadeWithoutAUser_GetsTheOneNamed()
    {
        var user = Guid.NewGuid();
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await ImportAsync(database, File);
        await database.ExecuteAsync("alter table listings add owner_user_id uuid; update listings set owner_user_id = gen_random_uuid(); alter table listings alter owner_user_id set not null");

        await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, "id,title\n3,New\n"));
        var report = await ImportAsync(database, "id,title\n3,New\n", new ListingImportOptions { UserId = user });

        Assert.Equal(1, report.Added);
        Assert.Equal([$"{user}"], await database.ReadAsync("select owner_user_id from listings where external_listing_id = '3'"));
    }

    [Fact]
    public async Task ImportAsync_FileWithFewerColumns_LeavesTheOthersAsTheyAre()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await ImportAsync(database, File);

        var report = await ImportAsync(database, "id,title,price\n1,Gold ring,13\n2,Silver hoop,1234.50\n");

        Assert.Equal((2, 0, 1, 1, 0), Counts(report));
        Assert.Equal("1|Gold ring|Two\nlines &amp; one entity|1300|USD|3|active|https://example.com/1", (await database.ReadAsync(ReadSql))[0]);
        Assert.Equal(5, await database.CountAsync("listing_tags"));
    }

    [Fact]
    public async Task ImportAsync_OnlyTagsDiffer_CountsTheListingAsChanged()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await ImportAsync(database, File);

        var report = await ImportAsync(database, "id,title,tags\n1,Gold ring,\"Ring,gold,new\"\n2,Silver hoop,\n");

        Assert.Equal((2, 0, 2, 0, 0), Counts(report));
        Assert.Equal(
            ["Gold ring|Ring|import", "Gold ring|gold|import", "Gold ring|new|import"], await database.ReadAsync(ReadTagsSql));
    }

    [Fact]
    public async Task ImportAsync_NoId_HashesUrlElseTitle()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        const string Rows = "TITLE,URL\nRing,https://example.com/a\nHoop,\nHOOP,\n";

        var first = await ImportAsync(database, Rows);
        var second = await ImportAsync(database, Rows);

        // printf 'https://example.com/a' | sha256sum; printf 'hoop' | sha256sum
        Assert.Equal(
            [
                "Hoop|dc8d9b347503bce38fe7c07f53ef2706363ad8ab63a302c20083c93f23f32424",
                "Ring|2dce0a4c50441bfccfa9caf4b58c3cba6e06c420505dd829f0436de1aa44baac",
            ],
            await database.ReadAsync("select title, external_listing_id from listings order by title"));
        Assert.Equal((3, 2, 0, 0, 1), Counts(first));
        Assert.Equal((3, 0, 0, 2, 1), Counts(second));
        Assert.Equal(4, Assert.Single(first.Errors).Line);
    }

    [Theory]
    [InlineData("""{"intent": "buy", "import": {"sku": "old", "by": "hand"}}""", """{"intent": "buy", "import": {"by": "hand", "sku": "S1", "materials": "gold"}}""")]
    [InlineData("[1]", """{"import": {"sku": "S1", "materials": "gold"}}""")]
    [InlineData(null, """{"import": {"sku": "S1", "materials": "gold"}}""")]
    public async Task ImportAsync_Extras_AreMergedInto(string? before, string after)
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);
        await ImportAsync(database, "id,title\n1,Ring\n");
        await database.ExecuteAsync(
            $"alter table listings alter column extras drop not null; update listings set extras = {(before is null ? "null" : $"'{before}'")}");

        await ImportAsync(database, "id,title,SKU,materials\n1,Ring,S1,gold\n");
        var again = await ImportAsync(database, "id,title,SKU,materials\n1,Ring,S1,gold\n");

        Assert.Equal(["True"], await database.ReadAsync($"select extras = '{after}' from listings"));
        Assert.Equal(1, again.Unchanged);
    }

    [Fact]
    public async Task ImportAsync_BadRows_AreNamedAndTheRestGoesIn()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        var report = await ImportAsync(
            database, "title,price,quantity,published_at\n,1,,\na,1.005,,\nb,,many,\nc,,,never\nd,2,5,2024-01-02T03:04:05Z\nd,2,5,\n");

        Assert.Equal((6, 1, 0, 0, 5), Counts(report));
        Assert.Equal(
            [
                (2L, "the title is blank"),
                (3, "the price '1.005' is no amount in whole cents"),
                (4, "the quantity 'many' is no whole number"),
                (5, "'never' is no date"),
                (7, "another row before it has the same id, url or title"),
            ],
            report.Errors.Select(e => (e.Line, e.Message)));
    }

    [Fact]
    public async Task ImportAsync_NoHeader_AsksForOne()
    {
        await using var database = await ImportDatabase.CreateAsync(postgres);

        await Assert.ThrowsAsync<ImportException>(() => ImportAsync(database, "Ring,5\n"));
        var report = await ImportAsync(database, "Ring,5\n", new ListingImportOptions { Columns = ["title", "price"] });

        Assert.Equal(1, report.Added);
    }

    private static (long Read, long Added, long Changed, long Unchanged, long Skipped) Counts(ImportReport report)
        => (report.Read, report.Added, report.Changed, report.Unchanged, report.Skipped);

    private static Task<ImportReport> ImportAsync(ImportDatabase database, string file, ListingImportOptions? options = null)
        => new ListingImporter(database.Database).ImportAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(file)), options ?? new ListingImportOptions(), null, Cancellation);
}
