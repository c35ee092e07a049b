using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Embeddings;

[Collection(VectorPostgresCollection.Name)]
public sealed class EmbedMissingWireTests(VectorPostgres postgres)
{
    [Theory]
    [InlineData(Wire.OpenAI, false)]
    [InlineData(Wire.OpenAI, true)]
    [InlineData(Wire.Azure, false)]
    [InlineData(Wire.Azure, true)]
    public async Task RunAsync_EitherServiceAndEncoding_StoresVectorsAsTheServiceGaveThem(Wire wire, bool floats)
    {
        await using var server = await EmbeddingServer.StartAsync(wire, floats: floats);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync($"""
            insert into keywords (term) values ('gold hoop');
            insert into listings (marketplace_account_id, external_listing_id, title) values ('{EmbedMissingWire.Shop}', '1', 'Wool scarf')
            """);

        Assert.Equal(RunStatus.Succeeded, (await host.EmbedMissingAsync()).Status);

        Assert.Equal(EmbeddingServer.VectorOf("gold hoop", EmbedMissingWire.Dimensions), await host.QueryAsync<float[]>("select embedding::real[] from embeddings"));
        Assert.Equal(
            EmbeddingServer.VectorOf("Wool scarf", EmbedMissingWire.Dimensions),
            await host.QueryAsync<float[]>("select embedding::real[] from lexyhub_jobs.listing_embeddings"));
    }

    [Fact]
    public async Task RunAsync_ListingLongerThanTheModelTakes_IsCutAndItsRowSaysSo()
    {
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using var host = await EmbedMissingWire.CreateAsync(await postgres.CreateDatabaseAsync(), server);
        await host.ExecuteAsync($"""
            insert into listings (marketplace_account_id, external_listing_id, title, description) values
                ('{EmbedMissingWire.Shop}', '1', 'Long', repeat('earring ', 20000)), ('{EmbedMissingWire.Shop}', '2', 'Short', null)
            """);

        var answer = await host.EmbedMissingAsync();

        Assert.Equal((2L, 1L), ((long)answer.Body["processed"]!, (long)answer.Body["truncated"]!));
        var sent = server.Requests.Single().Input.MaxBy(text => text.Length)!;
        Assert.StartsWith("Long\nearring earring", sent, StringComparison.Ordinal);
        Assert.Equal($"Long {new TextMeter(int.MaxValue).Measure(sent).Tokens}", await host.QueryAsync<string>("""
            select string_agg(l.title || ' ' || e.tokens, ',') from lexyhub_jobs.listing_embeddings e join listings l on l.id = e.listing_id where e.truncated
            """));
    }

    [Fact]
    public async Task RunAsync_DimensionsChanged_MakesEverythingDue()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI);
        await using (var host = await EmbedMissingWire.CreateAsync(connection, server))
        {
            await host.ExecuteAsync($"""
                insert into keywords (term) values ('gold hoop');
                insert into listings (marketplace_account_id, external_listing_id, title) values ('{EmbedMissingWire.Shop}', '1', 'Wool scarf')
                """);
            await host.EmbedMissingAsync();
            await host.ExecuteAsync("""
                truncate embeddings, lexyhub_jobs.listing_embeddings;
                alter table embeddings alter column embedding type vector(4);
                alter table lexyhub_jobs.listing_embeddings alter column embedding type vector(4);
                """);
        }

        await using var narrow = JobHost.Create(connection, new Dictionary<string, string?>
        {
            ["OPENAI_API_KEY"] = EmbeddingServer.Key,
            ["OPENAI_BASE_URL"] = server.Address.ToString(),
            ["Embeddings:Dimensions"] = "4",
        });

        Assert.Equal(2, (long)(await narrow.EmbedMissingAsync()).Body["processed"]!);
        Assert.Equal([8, 4], server.Requests.Select(request => request.Dimensions));
    }

    [Fact]
    public async Task RunAsync_RequestsUnderWay_WritesEarlierAnswersMeanwhile()
    {
        JobHost? host = null;
        await using var server = await EmbeddingServer.StartAsync(Wire.OpenAI, async request =>
        {
            if (request.Number >= 3)
            {
                await Eventually.TrueAsync(async () => await host!.QueryAsync<long>("select count(*) from embeddings") > 0, "an answer is written");
            }

            return false;
        });
        await using var _ = host = await EmbedMissingWire.CreateAsync(
            await postgres.CreateDatabaseAsync(), server, new() { ["Embeddings:MaxInputsPerRequest"] = "10" });
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 60) i");

        Assert.Equal(60, (long)(await host.EmbedMissingAsync()).Body["processed"]!);
    }
}
