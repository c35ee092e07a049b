using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Embeddings;

/// <summary>A keyword and a listing with the same text: it is sent once, and counted at the server.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class TwinTests(VectorPostgres postgres)
{
    private const string Text = "zinc hoop";

    /// <summary>More than are read ahead: texts that far apart never meet in memory.</summary>
    private const int Others = EmbeddingRun.WindowInputs + 808;

    private const string AddKeywordSql = $"insert into keywords (term) values ('{Text}');";

    // As a run does before it reads.
    private const string NoteTermsSql = """
        update lexyhub_jobs.keyword_terms t set term = k.term, source_term = k.term from keywords k where k.id = t.keyword_id and t.term is null;
        """;

    // Listings are read in the order of their ids.
    private const string AddLastListingSql = $"""
        insert into listings (id, marketplace_account_id, external_listing_id, title)
        values ('ffffffff-ffff-ffff-ffff-ffffffffffff', '{EmbedMissingWire.Shop}', 'last', '{Text}');
        """;

    private const string VectorsSql = $"""
        select e.embedding = l.embedding and e.model = l.model
        from lexyhub_jobs.listing_embeddings l, embeddings e where l.listing_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff' and e.term = '{Text}'
        """;

    private const string ListingSql = """
        select tokens || ' ' || truncated || ' ' || text_hash
        from lexyhub_jobs.listing_embeddings where listing_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
        """;

    private static string ExpectedListing => $"{new TextMeter(8_191).Measure(Text).Tokens} false {EmbeddingScope.Hash(Text)}";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_KeywordAndListingOfOneTextFarApart_SendsTheTextOnce(bool isTermFirst)
    {
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync(AddKeywordSql + AddLastListingSql + (isTermFirst
            ? $"""
                insert into listings (id, marketplace_account_id, external_listing_id, title)
                select ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, '{EmbedMissingWire.Shop}', i, 'Hoop ' || i from generate_series(1, {Others}) i
                """
            : $"insert into keywords (term) select 'hoop ' || i from generate_series(1, {Others}) i"));

        var answer = await host.EmbedMissingAsync();

        string[] sent = [.. server.Requests.SelectMany(request => request.Input)];
        Assert.Equal(Others + 1, sent.Length);
        Assert.Single(sent, Text);
        Assert.Equal(
            (Others + 2L, isTermFirst ? 1L : Others + 1, isTermFirst ? Others + 1L : 1),
            ((long)answer.Body["processed"]!, (long)answer.Body["keywords"]!, (long)answer.Body["listings"]!));
        Assert.Equal(sent.Sum(text => text.Split(' ').Length), (long)answer.Body["tokens"]!);
        Assert.True(await host.QueryAsync<bool>(VectorsSql));
        Assert.Equal(ExpectedListing, await host.QueryAsync<string>(ListingSql));
        Assert.Equal(0, await host.QueryAsync<long>(EmbedMissingWire.DueSql));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_TextOfAnEarlierRun_IsCopiedAndNotPaidForAgain(bool isTermFirst)
    {
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync(isTermFirst ? AddKeywordSql : AddLastListingSql);
        await host.EmbedMissingAsync();

        await host.ExecuteAsync(isTermFirst ? AddLastListingSql : AddKeywordSql);
        var answer = await host.EmbedMissingAsync();

        Assert.Equal([Text], server.Requests.SelectMany(request => request.Input));
        Assert.Equal(
            (RunStatus.Succeeded, 1L, 0L, 0L, 0L),
            (answer.Status, (long)answer.Body["processed"]!, (long)answer.Body["requests"]!, (long)answer.Body["tokens"]!, (long)answer.Body["remaining"]!));
        Assert.True(await host.QueryAsync<bool>(VectorsSql));
        Assert.Equal(ExpectedListing, await host.QueryAsync<string>(ListingSql));
        Assert.Equal(2, await host.QueryAsync<long>("select tokens from lexyhub_jobs.embedding_usage"));
        Assert.Equal(0, await host.QueryAsync<long>(EmbedMissingWire.DueSql));
    }

    // Also while the term is answered and not yet written.
    [Fact]
    public async Task ReadAsync_ListingWithTheTextOfADueTerm_WaitsForIt()
    {
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync(AddLastListingSql + AddKeywordSql + NoteTermsSql);
        var feed = await FeedAsync(host);

        var texts = await feed.ReadAsync(allowance: null).SelectMany(page => page.Texts.ToAsyncEnumerable()).ToListAsync();

        Assert.IsType<DueTerm>(Assert.Single(texts));
        Assert.Equal(Guid.Parse("ffffffff-ffff-ffff-ffff-ffffffffffff"), Assert.Single(feed.TakeHeldBack()).Listing?.Id);
    }

    [Fact]
    public async Task ReadAsync_TermThatBecomesDueBehindItsListing_WaitsForIt()
    {
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync(AddLastListingSql + "insert into keywords (term) select 'hoop ' || i from generate_series(1, 1500) i;" + NoteTermsSql);
        var feed = await FeedAsync(host);

        var texts = new List<DueText>();
        await foreach (var page in feed.ReadAsync(allowance: null))
        {
            texts.AddRange(page.Texts);
            if (page.Texts is [DueListing])
            {
                await host.ExecuteAsync(AddKeywordSql + NoteTermsSql);
            }
        }

        Assert.IsType<DueListing>(Assert.Single(texts, text => text.Text == Text));
        Assert.Equal([new Twin(EmbeddingScope.Hash(Text), Text, null)], feed.TakeHeldBack());
    }

    [Theory]
    [InlineData("text-embedding-3-large-deterministic-fallback")]
    [InlineData("lexyhub-local-1")]
    public async Task RunAsync_VectorOfAnotherModelUnderTheSameHash_IsNoSource(string model)
    {
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync(AddLastListingSql + $"""
            insert into keywords (term) values ('silver hoop');
            insert into embeddings (term_hash, term, embedding, model)
            values ('{EmbeddingScope.Hash($"text-embedding-3-large::{Text}")}', '{Text}', '[1,1,1,1,1,1,1,1]', '{model}');
            insert into listings (id, marketplace_account_id, external_listing_id, title)
            values ('00000000-0000-0000-0000-000000000001', '{EmbedMissingWire.Shop}', 'first', 'Was a silver hoop');
            insert into lexyhub_jobs.listing_embeddings (listing_id, model, text_hash, embedding, tokens, truncated)
            values ('00000000-0000-0000-0000-000000000001', '{model}', '{EmbeddingScope.Hash("silver hoop")}', '[1,1,1,1,1,1,1,1]', 1, false);
            """);

        await host.EmbedMissingAsync();

        Assert.Equal(["silver hoop", "Was a silver hoop", Text], server.Requests.SelectMany(request => request.Input).Order());
        Assert.Equal(0, await host.QueryAsync<long>($"""
            select (select count(*) from lexyhub_jobs.listing_embeddings l join listings on id = listing_id where embedding = '[1,1,1,1,1,1,1,1]')
                + (select count(*) from embeddings where term = 'silver hoop' and embedding = '[1,1,1,1,1,1,1,1]')
            """));
    }

    [Fact]
    public async Task RunAsync_NoiseOverATermWhoseListingHasItsVector_IsOverwrittenByTheCopy()
    {
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync(AddLastListingSql);
        await host.EmbedMissingAsync();

        await host.ExecuteAsync(AddKeywordSql + $"""
            insert into embeddings (term_hash, term, embedding, model) values
                ('{EmbeddingScope.Hash($"text-embedding-3-large::{Text}")}', '{Text}', '[1,1,1,1,1,1,1,1]', 'text-embedding-3-large-deterministic-fallback'),
                ('{EmbeddingScope.Hash($"lexyhub-local-1::{Text}")}', '{Text}', '[1,1,1,1,1,1,1,1]', 'lexyhub-local-1');
            """);
        await host.EmbedMissingAsync();

        Assert.Single(server.Requests);
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from embeddings"));
        Assert.True(await host.QueryAsync<bool>(VectorsSql));
    }

    [Fact]
    public async Task RunAsync_TextThatIsRefused_IsQuarantinedForKeywordAndListing()
    {
        const string refusal = """{"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":"content_filter"}}""";
        await using var server = await EmbeddingServer.StartAsync(
            Wire.OpenAI, async request => request.Input.Contains(Text) && await EmbeddingServer.AnswerAsync(request, 400, refusal));
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync(AddKeywordSql + AddLastListingSql + "insert into keywords (term) values ('silver hoop')");

        var answer = await host.EmbedMissingAsync();

        Assert.Equal((1L, 2L, 0L), ((long)answer.Body["processed"]!, (long)answer.Body["failed"]!, (long)answer.Body["remaining"]!));
        Assert.Equal("keyword listing", await host.QueryAsync<string>("select string_agg(kind, ' ' order by kind) from lexyhub_jobs.embedding_quarantine"));
        Assert.Equal(0, await host.QueryAsync<long>(EmbedMissingWire.DueSql));
    }

    [Fact]
    public async Task RunAsync_LeaseLostBeforeTheCopy_CopiesNothing()
    {
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync(AddKeywordSql + AddLastListingSql + """
            create function take_over() returns trigger language plpgsql as $$
                begin update lexyhub_jobs.job_leases set epoch = epoch + 1; return null; end $$;
            create trigger take_over after insert on embeddings execute function take_over();
            """);

        var answer = await host.EmbedMissingAsync();

        Assert.Equal("lease-lost", (string?)answer.Body["code"]);
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from embeddings"));
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.listing_embeddings"));
        Assert.Equal(1, await host.QueryAsync<long>(EmbedMissingWire.DueSql));
    }

    private static async Task<DueFeed> FeedAsync(JobHost host)
    {
        var scope = new EmbeddingScope("text-embedding-3-large", EmbedMissingWire.Dimensions, "text-embedding-3-large", IsLocal: false);
        var store = new DueStore(host.DataSource, scope);
        return new DueFeed(store, scope, await store.CountAsync(CancellationToken.None), TimeProvider.System, CancellationToken.None);
    }
}
