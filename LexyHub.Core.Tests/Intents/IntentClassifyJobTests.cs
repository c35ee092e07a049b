using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Providers;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Intents;

[Collection(NativePostgresCollection.Name)]
public sealed class IntentClassifyJobTests(NativePostgres postgres)
{
    private const string RateLimited = """{"error":{"message":"Rate limit reached.","code":"rate_limit_exceeded"}}""";

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 20, 1, 30, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task RunAsync_KeywordsAndListings_AreStoredInExtrasAndTheTypedTable(Wire wire)
    {
        await using var server = await ChatServer.StartAsync(wire, IntentModel.Answer);
        var (host, _) = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync(IntentHost.ShopSql + """
            insert into keywords (term, extras) values ('buy wallet for dad', '{"trend":{"momentum":1},"classification":{"old":1}}'), ('ring', '[1]');
            insert into listings (marketplace_account_id, external_listing_id, title, description, extras) values
                ('00000000-0000-0000-0000-0000000000aa', '1', 'Hoops', 'Of gold.', '[]'), ('00000000-0000-0000-0000-0000000000aa', '2', ' ', null, '{}');
            """);

        var answer = await host.ClassifyAsync();

        Assert.Equal((200, "succeeded", 3L, 2L, 1L, 1L, 0L), (answer.StatusCode, answer.Status, answer.Count("processed"), answer.Count("keywords"), answer.Count("listings"), answer.Count("requests"), answer.Count("failed")));
        Assert.Equal("""{"informational":0,"navigational":0,"commercial":2,"transactional":1}""", answer.Body["byIntent"]!.ToJsonString());
        Assert.Equal(("gpt-4o-mini", 1L), ((string?)answer.Body["model"], answer.Count("skipped")));
        Assert.Equal([("keyword", "buy wallet for dad"), ("keyword", "ring"), ("listing", "Hoops\nOf gold.")], server.Requests.SelectMany(IntentModel.ItemsOf).Select(item => (item.Kind, item.Text)).Order());

        var extras = JsonNode.Parse(await host.QueryAsync<string>("select extras::text from keywords where term like 'buy%'"))!;
        Assert.Equal("transactional", (string?)extras["intent"]);
        Assert.Equal(1, (int)extras["trend"]!["momentum"]!);
        Assert.Equal(
            ("transactional", "purchase", "shopper", "Wants it.", 0.75, false, 0.75, "father", "purchase", "gpt-4o-mini", "2026-03-20T01:30:00Z"),
            ((string?)extras["classification"]!["intent"], (string?)extras["classification"]!["purchaseStage"], (string?)extras["classification"]!["persona"],
                (string?)extras["classification"]!["summary"], (double)extras["classification"]!["confidence"]!, (bool)extras["classification"]!["calibrated"]!,
                (double)extras["classification"]!["verbalConfidence"]!, (string?)extras["classification"]!["recipient"], (string?)extras["classification"]!["legacyIntent"],
                (string?)extras["classification"]!["model"], (string?)extras["classification"]!["updatedAt"]));
        Assert.Equal((1, 1, answer.RunId), ((int)extras["classificationAudit"]!["promptVersion"]!, (int)extras["classificationAudit"]!["taxonomyVersion"]!, (Guid)extras["classificationAudit"]!["runId"]!));
        Assert.True((int)extras["classificationAudit"]!["tokens"]! > 0);
        Assert.Equal("commercial commercial", await host.QueryAsync<string>("""
            select string_agg(extras ->> 'intent', ' ') from (select extras from keywords where term = 'ring' union all select extras from listings where title = 'Hoops') e
            """));
        Assert.Equal("transactional purchase father 0.75", await host.QueryAsync<string>("""
            select concat_ws(' ', c.intent, c.purchase_stage, c.recipient, c.confidence) from lexyhub_jobs.intent_classifications c
            join keywords k on k.id = c.item_id where c.kind = 'keyword' and k.term like 'buy%'
            """));
        Assert.Equal(0, await host.QueryAsync<long>(IntentHost.DueSql));
        Assert.Equal(answer.Count("tokens"), await host.QueryAsync<long>("select input_tokens + output_tokens from lexyhub_jobs.intent_usage"));
    }

    [Fact]
    public async Task RunAsync_OnlyTextModelPromptOrTaxonomyChanged_MakesDue()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, connection) = await HostAsync(server);
        await using var _ = host;
        await host.ExecuteAsync(IntentHost.ShopSql + """
            insert into keywords (term) select 'term ' || i from generate_series(1, 50) i;
            insert into listings (marketplace_account_id, external_listing_id, title) values ('00000000-0000-0000-0000-0000000000aa', '1', 'Hoops');
            """);
        Assert.Equal(51, (await host.ClassifyAsync()).Count("processed"));

        await host.ExecuteAsync("""
            update keywords set trend_momentum = 0.5, extras = extras || '{"trend":{}}';
            update listings set price_cents = 5, quantity = 3, status = 'sold';
            """);
        var idle = await host.ClassifyAsync();
        Assert.Equal((0L, "Every keyword and listing is classified."), (idle.Count("processed"), (string?)idle.Body["message"]));
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, (await host.ClassifyAsync()).Count("processed"));

        await host.ExecuteAsync("update keywords set term = 'buy term 7' where term = 'term 7'; insert into listing_tags (listing_id, tag) select id, 'gold' from listings");
        Assert.Equal(2, (await host.ClassifyAsync()).Count("processed"));
        Assert.Equal("transactional", await host.QueryAsync<string>("select extras ->> 'intent' from keywords where term = 'buy term 7'"));

        await using var other = IntentHost.Over(connection, server, time, ("Providers:ChatModel", "gpt-4.1-mini"));
        Assert.Equal(51, (await other.ClassifyAsync()).Count("processed"));
        Assert.Equal(51, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.intent_classifications where model = 'gpt-4.1-mini'"));
    }

    [Fact]
    public async Task RunAsync_LocalThenModelThenLocal_ReplacesTheLexiconsRowsAndNeverTheOtherWay()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (local, connection) = await HostAsync(null);
        await using var _1 = local;
        await local.ExecuteAsync("insert into keywords (term) values ('how to clean a ring'), ('best ring')");
        Assert.Equal("lexyhub-lexicon-5", (string?)(await local.ClassifyAsync()).Body["model"]);
        const string labels = "select string_agg(c.model || ' ' || c.intent || ' ' || (k.extras ->> 'intent'), ', ' order by k.term) from lexyhub_jobs.intent_classifications c join keywords k on k.id = c.item_id";
        Assert.Equal("lexyhub-lexicon-5 commercial commercial, lexyhub-lexicon-5 informational informational", await local.QueryAsync<string>(labels));

        await using var model = IntentHost.Over(connection, server, time);
        var replaced = await model.ClassifyAsync();
        Assert.Equal((2L, 1L), (replaced.Count("processed"), replaced.Count("disagreements")));
        Assert.Equal("1", await local.QueryAsync<string>("select metadata #>> '{counts,disagreements}' from job_runs order by started_at desc limit 1"));
        Assert.Equal("gpt-4o-mini commercial commercial, gpt-4o-mini commercial commercial", await local.QueryAsync<string>(labels));

        await local.ExecuteAsync("update keywords set term = 'how to store a ring' where term like 'how%'; insert into keywords (term) values ('buy it')");
        Assert.Equal(1, (await local.ClassifyAsync()).Count("processed"));
        Assert.Equal("gpt-4o-mini commercial commercial, lexyhub-lexicon-5 transactional transactional, gpt-4o-mini commercial commercial", await local.QueryAsync<string>(labels));

        Assert.Equal(2, (await model.ClassifyAsync()).Count("processed"));
    }

    [Fact]
    public async Task RunAsync_LexiconFirst_AsksTheModelOnlyWhereTheLexiconIsNotSure()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, _) = await HostAsync(server, ("Intents:LexiconFirst", "true"));
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) values ('how to clean a silver ring'), ('qwertz uiop')");

        var answer = await host.ClassifyAsync();

        Assert.Equal("qwertz uiop", Assert.Single(server.Requests.SelectMany(IntentModel.ItemsOf)).Text);
        Assert.Equal((2L, 1L), (answer.Count("processed"), answer.Count("byLexicon")));
        Assert.Equal("lexyhub-lexicon-5 0", await host.QueryAsync<string>("""
            select (extras #>> '{classification,model}') || ' ' || (extras #>> '{classificationAudit,promptVersion}') from keywords where term like 'how%'
            """));
        Assert.Equal(0, (await host.ClassifyAsync()).Count("processed"));
    }

    [Fact]
    public async Task RunAsync_LexiconFirstOverRowsOfAModel_LeavesThemToTheModel()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, connection) = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) values ('how to clean a silver ring'), ('how to clean a gold ring')");
        Assert.Equal(2, (await host.ClassifyAsync()).Count("processed"));

        // One text changes; then the model does. The lexicon is sure of both.
        await host.ExecuteAsync("update keywords set term = 'how to clean a brass ring' where term like '%gold%'");
        await using var first = IntentHost.Over(connection, server, time, ("Intents:LexiconFirst", "true"));
        var text = await first.ClassifyAsync();
        await using var other = IntentHost.Over(connection, server, time, ("Intents:LexiconFirst", "true"), ("Providers:ChatModel", "gpt-4.1-mini"));
        var model = await other.ClassifyAsync();

        Assert.Equal((1L, 0L, 2L, 0L), (text.Count("processed"), text.Count("byLexicon"), model.Count("processed"), model.Count("byLexicon")));
        Assert.Equal("gpt-4.1-mini commercial, gpt-4.1-mini commercial", await host.QueryAsync<string>("""
            select string_agg(concat_ws(' ', c.model, k.extras ->> 'intent'), ', ') from lexyhub_jobs.intent_classifications c join keywords k on k.id = c.item_id
            """));
    }

    [Theory]
    [InlineData("gpt-4o-mini::p0::t1::")]
    [InlineData("gpt-4o-mini::p1::t0::")]
    public async Task RunAsync_RowsOfAnEarlierPromptOrTaxonomy_AreDueAtOnce(string earlier)
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, _) = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 50) i");
        await host.ClassifyAsync();

        // As a version of the code before this one left it, today.
        await host.ExecuteAsync($$"""
            update lexyhub_jobs.intent_classifications c set content_hash = encode(sha256(convert_to('{{earlier}}' || k.term, 'UTF8')), 'hex')
            from keywords k where k.id = c.item_id;
            update lexyhub_jobs.job_state set value = replace(value::text, 'gpt-4o-mini::p1::t1::', '{{earlier}}')::jsonb where name = 'intents-reconciled';
            """);

        Assert.Equal((50L, 0L), ((await host.ClassifyAsync()).Count("processed"), (await host.ClassifyAsync()).Count("processed")));
    }

    [Fact]
    public async Task RunAsync_AnswersThatLackItems_AreAskedForInSmallerRequestsAndThenAlone()
    {
        // Answers no more than three items, however many it is asked for.
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request => IntentModel.Answer(IntentModel.ItemsOf(request).Take(3).Select(IntentModel.Entry)));
        var (host, _) = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 20) i");

        var answer = await host.ClassifyAsync();

        Assert.Equal((20L, 0L, 0L, "succeeded"), (answer.Count("processed"), answer.Count("failed"), answer.Count("remaining"), answer.Status));
        Assert.Equal([1, 7, 10, 20], server.Requests.Select(request => IntentModel.ItemsOf(request).Count).Distinct().Order());
        Assert.Equal(1 + 2 + 7 + 4, server.Requests.Count);
    }

    [Theory]
    [InlineData("refusal", "OpenAI declined: I cannot label this.")]
    [InlineData("filter", "OpenAI answered 400 content_filter: Filtered.")]
    [InlineData("filtered answer", "OpenAI's content filter cut the answer off.")]
    [InlineData("taxonomy", "gpt-4o-mini: its intent is not in the taxonomy.")]
    [InlineData("doubled", "gpt-4o-mini: the answer has two entries for it.")]
    [InlineData("length", "OpenAI cut the answer off at the most that it may write.")]
    public async Task RunAsync_OneBadItemAmongMany_AloneIsQuarantinedWithItsReason(string fault, string reason)
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer, async request =>
        {
            var items = IntentModel.ItemsOf(request);
            if (!items.Any(item => item.Text == "poison"))
                return false;

            var spoilt = items.Select(item => item.Text == "poison" ? IntentModel.Entry(item).With("intent", "evil") : IntentModel.Entry(item));
            return fault switch
            {
                "refusal" => await request.CompleteAsync(null, refusal: "I cannot label this."),
                "filter" => await request.AnswerAsync(400, """{"error":{"message":"Filtered.","code":"content_filter"}}"""),
                "filtered answer" => await request.CompleteAsync("", "content_filter"),
                "taxonomy" => await request.CompleteAsync(IntentModel.Answer(spoilt)),
                "doubled" => await request.CompleteAsync(IntentModel.Answer(items.SelectMany(item => item.Text == "poison" ? [IntentModel.Entry(item), IntentModel.Entry(item)] : new[] { IntentModel.Entry(item) }))),
                _ => await request.CompleteAsync(IntentModel.Answer(spoilt)[..40], "length"),
            };
        });
        var (host, connection) = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) values ('poison'); insert into keywords (term) select 'term ' || i from generate_series(1, 39) i");

        var answer = await host.ClassifyAsync();

        Assert.Equal((39L, 1L, 0L, "partial", "failed-items"), (answer.Count("processed"), answer.Count("failed"), answer.Count("remaining"), answer.Status, (string?)answer.Body["stopReason"]));
        Assert.Equal($"keyword poison: {reason} It is in quarantine and tried again later.", $"{answer.Body["errors"]![0]!["item"]}: {answer.Body["errors"]![0]!["error"]}");
        Assert.Equal($"1 3600 {reason}", await host.QueryAsync<string>("select attempts || ' ' || extract(epoch from retry_at - last_at)::int || ' ' || reason from lexyhub_jobs.intent_quarantine"));

        // It waits, comes back in an hour, and then waits four.
        var asked = server.Requests.Count;
        Assert.Equal("succeeded", (await host.ClassifyAsync()).Status);
        Assert.Equal(asked, server.Requests.Count);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("failed", (await host.ClassifyAsync()).Status);
        Assert.Equal("2 14400", await host.QueryAsync<string>("select attempts || ' ' || extract(epoch from retry_at - last_at)::int from lexyhub_jobs.intent_quarantine"));

        await host.ExecuteAsync("update keywords set term = 'remedy' where term = 'poison'");
        Assert.Equal(1, (await host.ClassifyAsync()).Count("processed"));
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.intent_quarantine"));
    }

    [Fact]
    public async Task RunAsync_ModelThatNeverAnswersRight_BlamesTheModelAndNoText()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, _ => "I would rather talk about the weather.");
        var (host, _) = await HostAsync(server, ("Chat:MaxConcurrency", "1"));
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 200) i");

        var answer = await host.ClassifyAsync();

        Assert.Equal((502, "provider-refused"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.intent_quarantine"));
        Assert.Equal(200, await host.QueryAsync<long>(IntentHost.DueSql));
        Assert.InRange(server.Requests.Count, 1, 150);
        Assert.True(await host.QueryAsync<long>("select requests from lexyhub_jobs.intent_usage") > 0);
    }

    [Theory]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-test-0123456789.","code":"invalid_api_key"}}""", 502, "provider-unauthorized")]
    [InlineData(500, "oops", 503, "provider-failing")]
    public async Task RunAsync_ServiceThatGivesNothing_FailsAndLeavesAllDue(int status, string body, int expected, string code)
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, _ => "", request => request.AnswerAsync(status, body));
        var (host, _) = await HostAsync(server, ("Http:MaxAttempts", "1"));
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 400) i");

        var answer = await host.ClassifyAsync();

        Assert.Equal((expected, code), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.DoesNotContain(ChatServer.Key, answer.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(400, await host.QueryAsync<long>(IntentHost.DueSql));
    }

    [Fact]
    public async Task RunAsync_RateLimitBeyondTheBudget_IsPartialAndKeepsWhatWasAnswered()
    {
        await using var server = await ChatServer.StartAsync(
            Wire.OpenAI, IntentModel.Answer, async request => request.Number > 0 && await request.AnswerAsync(429, RateLimited, ("Retry-After", "86400")));
        var (host, _) = await HostAsync(server, ("Chat:MaxConcurrency", "1"));
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 100) i");

        var answer = await host.ClassifyAsync();

        Assert.Equal(("partial", "rate-limit", 40L, 60L), (answer.Status, (string?)answer.Body["stopReason"], answer.Count("processed"), answer.Count("remaining")));
    }

    [Theory]
    [InlineData("Intents:MaxItemsPerDay", 50, "items")]
    [InlineData("Intents:MaxTokensPerDay", 9_000, "input_tokens + output_tokens")]
    public async Task RunAsync_CapOfTheDay_HoldsOverAllRunsUntilMidnight(string setting, long cap, string used)
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, _) = await HostAsync(server, (setting, $"{cap}"), ("Chat:MaxConcurrency", "1"));
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 600) i");

        var first = await host.ClassifyAsync();
        var again = await host.ClassifyAsync();

        Assert.Equal(("partial", "cap"), (first.Status, (string?)first.Body["stopReason"]));
        Assert.Equal(600, first.Count("processed") + first.Count("remaining"));
        Assert.InRange(first.Count("processed"), 40, 599);
        Assert.Equal(("partial", "cap", 0L), (again.Status, (string?)again.Body["stopReason"], again.Count("processed")));
        Assert.InRange(await host.QueryAsync<long>($"select ({used})::bigint from lexyhub_jobs.intent_usage"), 1, cap);
        if (used == "items")
            Assert.Equal(50L, first.Count("processed"));

        time.Advance(TimeSpan.FromDays(1));
        Assert.InRange((await host.ClassifyAsync()).Count("processed"), 40, 550);
    }

    [Fact]
    public async Task RunAsync_Queue_IsTheNewestFirstThenTheMostSearched()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, _) = await HostAsync(server, ("Intents:BatchSize", "1"), ("Chat:MaxConcurrency", "1"));
        await using var _1 = host;
        await host.ExecuteAsync("""
            insert into keywords (term, created_at, demand_index) values
                ('old and rare', '2026-01-01', 0.1), ('old and sought', '2026-01-01', 0.9), ('new', '2026-03-19', null), ('new and sought', '2026-03-18', 0.5)
            """);

        await host.ClassifyAsync();

        Assert.Equal(["new and sought", "new", "old and sought", "old and rare"], server.Requests.SelectMany(IntentModel.ItemsOf).Select(item => item.Text));
    }

    [Fact]
    public async Task RunAsync_QueueOfBothKinds_TakesTurnsTheNewestListingFirst()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, _) = await HostAsync(server, ("Intents:BatchSize", "1"), ("Chat:MaxConcurrency", "1"));
        await using var _1 = host;
        await host.ExecuteAsync(IntentHost.ShopSql + """
            insert into listings (marketplace_account_id, external_listing_id, title, published_at) values
                ('00000000-0000-0000-0000-0000000000aa', '1', 'older', '2026-01-01'), ('00000000-0000-0000-0000-0000000000aa', '2', 'draft', null),
                ('00000000-0000-0000-0000-0000000000aa', '3', 'newer', '2026-02-01');
            insert into keywords (term, created_at, demand_index, trend_momentum) values
                ('sought', '2026-01-01', 0.9, null), ('rising', '2026-01-01', 0.5, 0.8), ('rare', '2026-01-01', 0.5, 0.1);
            """);

        await host.ClassifyAsync();

        Assert.Equal(["sought", "newer", "rising", "older", "rare", "draft"], server.Requests.SelectMany(IntentModel.ItemsOf).Select(item => item.Text));
    }

    [Fact]
    public async Task RunAsync_TextChangedWhileItIsAsked_StaysDue()
    {
        JobHost host = null!;
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer, async request =>
        {
            if (request.Number == 0)
                await host.ExecuteAsync("update keywords set term = 'buy ring'; delete from keywords where term = 'gone'");
            return false;
        });
        (host, _) = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) values ('ring')");

        await host.ClassifyAsync();
        Assert.Equal(1, await host.QueryAsync<long>(IntentHost.DueSql));
        await host.ClassifyAsync();

        Assert.Equal("transactional", await host.QueryAsync<string>("select extras ->> 'intent' from keywords"));
        Assert.Equal(0, await host.QueryAsync<long>(IntentHost.DueSql));
    }

    [Fact]
    public async Task RunAsync_CalibratedModel_StoresAProbabilityInsteadOfItsOwnNumber()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, _) = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync("""
            insert into keywords (term) values ('ring');
            insert into lexyhub_jobs.intent_calibrations (model, prompt_version, map, fitted_at) values ('gpt-4o-mini', 1, E'isotonic,60\n0.5,0.2\n1,0.6\n', now());
            """);

        await host.ClassifyAsync();

        Assert.Equal("0.4 true", await host.QueryAsync<string>("""
            select (extras #>> '{classification,confidence}') || ' ' || (extras #>> '{classification,calibrated}') from keywords
            where not extras -> 'classification' ? 'verbalConfidence'
            """));
    }

    [Theory]
    [InlineData("gpt-4o-mini", 2)]
    [InlineData("gpt-4.1-mini", 1)]
    public async Task RunAsync_CalibrationOfAnotherModelOrPrompt_IsNotApplied(string model, int promptVersion)
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (host, _) = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync($$"""
            insert into keywords (term) values ('ring');
            insert into lexyhub_jobs.intent_calibrations (model, prompt_version, map, fitted_at) values ('{{model}}', {{promptVersion}}, E'isotonic,60\n0.5,0.2\n1,0.6\n', now());
            """);

        await host.ClassifyAsync();

        Assert.Equal("0.75 false 0.75", await host.QueryAsync<string>("""
            select concat_ws(' ', extras #>> '{classification,confidence}', extras #>> '{classification,calibrated}', extras #>> '{classification,verbalConfidence}') from keywords
            """));
    }

    private async Task<(JobHost Host, string Connection)> HostAsync(ChatServer? server, params (string Key, string Value)[] settings)
    {
        var connection = await postgres.CreateDatabaseAsync();
        return (await IntentHost.Over(connection, server, time, settings).MigrateAsync(), connection);
    }
}
