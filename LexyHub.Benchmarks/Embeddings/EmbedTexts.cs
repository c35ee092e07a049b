using System.Globalization;
using LexyHub.Core.Embeddings;
using NpgsqlTypes;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>Keywords and listings to be embedded, the same in every run.</summary>
internal static class EmbedTexts
{
    private static readonly string[] Words =
    [
        "gold", "hoop", "earrings", "personalized", "leather", "wallet", "vintage", "wool", "scarf", "wedding", "gift", "boho", "the", "of",
        "handmade", "silver", "for", "with", "ceramic", "mug", "christmas", "is", "made", "to", "order", "and", "ships", "within", "days",
    ];

    public static string TermOf(int number) => string.Create(CultureInfo.InvariantCulture, $"handmade gift idea {number}");

    public static Task AddKeywordsAsync(BenchmarkDatabase database, int count) => database.ExecuteAsync(
        $"insert into keywords (term) select 'handmade gift idea ' || i from generate_series(0, {count - 1}) i",
        "update lexyhub_jobs.keyword_terms t set term = k.term, source_term = k.term from keywords k where k.id = t.keyword_id");

    /// <summary>Listings with 13 tags and a description of 30 to 900 words: about 50 to 1,000 tokens.</summary>
    public static async Task AddListingsAsync(BenchmarkDatabase database, int count)
    {
        await database.ExecuteAsync(
            "insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace')",
            "insert into marketplace_accounts (id, provider_id, external_shop_id) values ('00000000-0000-0000-0000-0000000000aa', 'etsy', '1')");
        var random = new Random(3);
        var account = Guid.Parse("00000000-0000-0000-0000-0000000000aa");
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await using var writer = await connection.BeginBinaryImportAsync(
                "copy listings (marketplace_account_id, external_listing_id, title, description) from stdin (format binary)");
            for (var i = 0; i < count; i++)
            {
                await writer.StartRowAsync();
                await writer.WriteAsync(account, NpgsqlDbType.Uuid);
                await writer.WriteAsync(i.ToString(CultureInfo.InvariantCulture));
                await writer.WriteAsync(Phrase(random, random.Next(6, 15)));
                await writer.WriteAsync(Phrase(random, random.Next(30, 900)));
            }

            await writer.CompleteAsync();
        }

        await database.ExecuteAsync("insert into listing_tags (listing_id, tag) select id, 'tag number ' || i from listings, generate_series(1, 13) i");
    }

    /// <returns>The fewest requests that could hold everything, by the service's limits on inputs, tokens and bytes.</returns>
    public static async Task<long> FewestRequestsAsync(BenchmarkDatabase database)
    {
        var options = new EmbeddingOptions();
        var limits = new RequestLimits(options.MaxInputsPerRequest, options.MaxTokensPerRequest);
        var meter = new TextMeter(options.MaxTokensPerInput);
        long count = 0, tokens = 0, bytes = 0;
        await using var command = database.DataSource.CreateCommand(
            $"select distinct term from lexyhub_jobs.keyword_terms where term <> '' union all select {ListingText.Sql} from listings l");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var text = meter.Measure(reader.GetString(0));
            count++;
            tokens += text.Tokens;
            bytes += text.Utf8Bytes;
        }

        return Math.Max(Up(count, limits.Inputs), Math.Max(Up(tokens, limits.Tokens), Up(bytes, limits.Bytes)));
    }

    private static long Up(long amount, long limit) => (amount + limit - 1) / limit;

    private static string Phrase(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)]));
}
