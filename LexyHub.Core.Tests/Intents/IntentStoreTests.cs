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
