using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Providers;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Intents;

/// <summary>A model that is wrong in every way at random: each item is still counted once, and stands in the database as it was counted.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class IntentReconcileTests(NativePostgres postgres)
{
    private const int Keywords = 300;

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 20, 1, 30, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task RunAsync_ModelWrongAtRandom_CountsEveryItemOnceById(int seed)
    {
        var random = new Random(seed);
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer, request => SpoilAsync(request, random));
        await using var host = await IntentHost.Over(
            await postgres.CreateDatabaseAsync(), server, time, ("Http:MaxAttempts", "1"), ("Intents:MaxItemsPerDay", $"{Keywords - 50}")).MigrateAsync();
        await host.ExecuteAsync($"insert into keywords (term) select 'term ' || i from generate_series(1, {Keywords}) i");
        long classified = 0;
        for (var run = 0; run < 3; run++)
        {
            var due = await host.QueryAsync<long>(IntentHost.DueSql);

            var answer = await host.ClassifyAsync();

            var (processed, failed, remaining) = (answer.Count("processed"), answer.Count("failed"), answer.Count("remaining"));
            Assert.Equal(due, processed + failed + remaining);
            Assert.Equal(processed, answer.Body["byIntent"]!.AsObject().Sum(one => (long)one.Value!));
            Assert.Equal(classified += processed, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.intent_classifications"));
            Assert.Equal(classified, await host.QueryAsync<long>("select count(*) from keywords where extras ->> 'intent' = 'commercial'"));

            // What failed waits in quarantine, or had no answer and is due; what remains is due.
            var quarantined = answer.Count("quarantined");
            Assert.Equal(failed - quarantined + remaining, await host.QueryAsync<long>(IntentHost.DueSql));
            Assert.Equal(Keywords, await host.QueryAsync<long>("""
                select count(*) from keywords k where
                    (select count(*) from lexyhub_jobs.intent_classifications c where c.item_id = k.id)
                    + (select count(*) from lexyhub_jobs.intent_quarantine q where q.item_id = k.id)
                    + (select count(*) from lexyhub_jobs.intent_due d where d.item_id = k.id) = 1
                """));
        }

        Assert.InRange(classified, 100, Keywords - 50);
    }

    private static async Task<bool> SpoilAsync(ChatRequest request, Random random)
    {
        var items = IntentModel.ItemsOf(request);
        List<int> fates;
        int whole;
        lock (random)
            (whole, fates) = (random.Next(12), [.. items.Select(_ => random.Next(16))]);
        if (whole == 0)
            return await request.CompleteAsync(null, refusal: "No.");
        if (whole == 1)
            return await request.CompleteAsync("", "content_filter");
        if (whole == 2)
            return await request.AnswerAsync(500, "oops");

        var entries = items.Zip(fates).SelectMany(one => one.Second switch
        {
            0 => [],
            1 => [IntentModel.Entry(one.First), IntentModel.Entry(one.First)],
            2 => [IntentModel.Entry(one.First).With("id", "nobody")],
            3 => [IntentModel.Entry(one.First).With("intent", "spam")],
            _ => new[] { IntentModel.Entry(one.First) },
        });
        var text = IntentModel.Answer(entries);
        return whole == 3 ? await request.CompleteAsync(text[..(text.Length / 2)], "length") : await request.CompleteAsync(text);
    }
}
