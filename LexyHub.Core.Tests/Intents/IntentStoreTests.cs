using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Providers;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Intents;

/// <summary>What is stored, and that it is all or nothing.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class IntentStoreTests(NativePostgres postgres)
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 20, 1, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task RunAsync_ExtrasChangedByOthersMeanwhile_KeepTheirKeys()
    {
        JobHost host = null!;
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer, async _ =>
        {
            await host.ExecuteAsync("""update keywords set extras = '{"tier":"gold","trend":{"momentum":0.5}}'""");
            return false;
        });
        host = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync("""insert into keywords (term, extras) values ('ring', '{"trend":{"momentum":0.1}}')""");

        await host.ClassifyAsync();

        Assert.Equal("gold 0.5 commercial", await host.QueryAsync<string>("select concat_ws(' ', extras ->> 'tier', extras #>> '{trend,momentum}', extras ->> 'intent') from keywords"));
    }

    [Fact]
    public async Task RunAsync_EntryWithEveryField_IsStoredInExtrasAndTheTypedRow()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request => IntentModel.Answer(IntentModel.ItemsOf(request).Select(item => IntentModel.Entry(item)
            .With("secondaryIntent", "transactional").With("occasion", "Christmas").With("style", "Boho").With("material", "Silver").With("gift", true))));
        await using var host = await HostAsync(server);
        await host.ExecuteAsync("alter table keywords alter column extras drop not null; insert into keywords (term, extras) values ('bulk rings for dad', null)");

        var answer = await host.ClassifyAsync();

        var extras = JsonNode.Parse(await host.QueryAsync<string>("select extras::text from keywords"))!.AsObject();
        Assert.Equal(["classification", "classificationAudit", "intent"], extras.Select(one => one.Key).Order());
        Assert.Equal(
            """
            {"gift":true,"model":"gpt-4o-mini","style":"boho","intent":"commercial","persona":"shopper","summary":"Wants it.","material":"silver","occasion":"christmas","recipient":"father","updatedAt":"2026-03-20T01:30:00Z","calibrated":false,"confidence":0.75,"legacyIntent":"wholesale","purchaseStage":"consideration","secondaryIntent":"transactional","verbalConfidence":0.75}
            """,
            extras["classification"]!.ToJsonString());
        Assert.Equal(["promptVersion", "runId", "taxonomyVersion", "tokens"], extras["classificationAudit"]!.AsObject().Select(one => one.Key).Order());
        Assert.Equal(answer.Count("tokens"), (long)extras["classificationAudit"]!["tokens"]!);
        Assert.Equal("keyword commercial transactional consideration 0.75 false christmas father boho silver true gpt-4o-mini", await host.QueryAsync<string>("""
            select concat_ws(' ', kind, intent, secondary_intent, purchase_stage, confidence, calibrated::text, occasion, recipient, style, material, gift::text, model)
            from lexyhub_jobs.intent_classifications
            """));

        // Made here by the definition, not by the code that it holds.
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("gpt-4o-mini::p1::t1::bulk rings for dad"))),
            await host.QueryAsync<string>("select content_hash from lexyhub_jobs.intent_classifications"));
    }

    [Fact]
    public async Task RunAsync_ModelsRowThatCameMeanwhile_IsNotOverwrittenByTheLexiconInEitherPlace()
    {
        // The lexicon is sure of the ring, and has read it before the other text is asked for.
        JobHost host = null!;
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer, async _ =>
        {
            await host.ExecuteAsync("""
                insert into lexyhub_jobs.intent_classifications (kind, item_id, intent, purchase_stage, confidence, calibrated, model, content_hash, classified_at)
                select 'keyword', id, 'commercial', 'consideration', 0.9, false, 'gpt-4o-mini', 'of another text', now() from keywords where term like 'how%'
                """);
            return false;
        });
        host = IntentHost.Over(await postgres.CreateDatabaseAsync(), server, time, ("Intents:LexiconFirst", "true"));
        await using var _1 = host;
        await host.MigrateAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('how to clean a silver ring'), ('qwertz uiop')");

        await host.ClassifyAsync();

        Assert.Equal("gpt-4o-mini commercial none", await host.QueryAsync<string>("""
            select concat_ws(' ', c.model, c.intent, coalesce(k.extras ->> 'intent', 'none'))
            from lexyhub_jobs.intent_classifications c join keywords k on k.id = c.item_id where k.term like 'how%'
            """));
    }

    [Fact]
    public async Task RunAsync_OneRowCannotBeWritten_WritesNothingOfItsTransaction()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        await using var host = await HostAsync(server);
        await host.ExecuteAsync("""
            insert into keywords (term) values ('ring'), ('cursed');
            create function forbid() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$;
            create trigger forbid before update of extras on keywords for each row when (old.term = 'cursed') execute function forbid();
            """);
        const string written = """
            select concat_ws(' ', (select count(*) from lexyhub_jobs.intent_classifications), (select count(*) from keywords where extras ? 'intent'),
                (select count(*) from lexyhub_jobs.intent_usage), (select count(*) from lexyhub_jobs.intent_due))
            """;

        Assert.Equal(500, (await host.ClassifyAsync()).StatusCode);
        Assert.Equal("0 0 0 2", await host.QueryAsync<string>(written));

        await host.ExecuteAsync("drop trigger forbid on keywords");
        Assert.Equal("succeeded", (await host.ClassifyAsync()).Status);
        Assert.Equal("2 2 1 0", await host.QueryAsync<string>(written));
    }

    [Fact]
    public async Task RunAsync_LeaseTakenWhileTheModelAnswers_WritesNothing()
    {
        JobHost host = null!;
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer, async _ =>
        {
            await host.ExecuteAsync("update lexyhub_jobs.job_leases set epoch = epoch + 1, run_id = gen_random_uuid()");
            return false;
        });
        host = await HostAsync(server);
        await using var _1 = host;
        await host.ExecuteAsync("insert into keywords (term) values ('ring')");

        var answer = await host.ClassifyAsync();

        Assert.Equal((503, "lease-lost"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Equal("0 0 1", await host.QueryAsync<string>("""
            select concat_ws(' ', (select count(*) from lexyhub_jobs.intent_classifications), (select count(*) from keywords where extras ? 'intent'),
                (select count(*) from lexyhub_jobs.intent_due))
            """));
    }

    private async Task<JobHost> HostAsync(ChatServer server)
        => await IntentHost.Over(await postgres.CreateDatabaseAsync(), server, time).MigrateAsync();
}
