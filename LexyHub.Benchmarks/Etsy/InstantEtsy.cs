using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Benchmarks.Etsy;

/// <summary>An Etsy on loopback that answers at once: shops of equally many listings in the contract's shape, 13 tags each, half of
/// them of the shop alone.</summary>
internal sealed class InstantEtsy(int listings) : IAsyncDisposable
{
    public const int TagsOfAListing = 13;

    private const string Description =
        "Made by hand in our small studio. Each piece is one of a kind, so that colours and sizes differ a little from the pictures. "
        + "It comes in a box of recycled card and can be sent as a gift, with a note in your own words.";

    private LoopbackServer? server;

    public int Requests { get; private set; }

    public async Task<Uri> StartAsync()
    {
        server = await LoopbackServer.StartAsync(AnswerAsync);
        return new Uri(server.Address + "/");
    }

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>The tags of a listing, as it has them.</summary>
    public static IEnumerable<string> Tags(long shop, int number)
        => Enumerable.Range(0, TagsOfAListing).Select(i => i % 2 == 0 ? $"common tag {((number * 7) + i) % 3_000}" : $"shop {shop} tag {((number * 3) + i) % 900}");

    private async Task AnswerAsync(HttpContext http)
    {
        Requests++;
        var shop = long.Parse(http.Request.Path.Value!.Split('/')[4], CultureInfo.InvariantCulture);
        var offset = int.Parse(http.Request.Query["offset"]!, CultureInfo.InvariantCulture);
        var count = http.Request.Query["state"] == "active" ? listings : 0;
        http.Response.Headers["x-limit-per-second"] = "100000";
        http.Response.Headers["x-remaining-today"] = "100000";
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteNumber("count", count);
        json.WriteStartArray("results");
        for (var number = offset; number < Math.Min(offset + 100, count); number++)
        {
            Write(json, shop, number);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, long shop, int number)
    {
        json.WriteStartObject();
        json.WriteNumber("listing_id", (shop * 1_000_000) + number);
        json.WriteNumber("shop_id", shop);
        json.WriteString("title", $"Handmade thing {number} &amp; its box, shop {shop}");
        json.WriteString("description", Description);
        json.WriteString("state", "active");
        json.WriteNumber("original_creation_timestamp", 1_600_000_000 + number);
        json.WriteNumber("updated_timestamp", 1_700_000_000 - number);
        json.WriteNumber("quantity", 3);
        json.WriteNumber("num_favorers", number % 500);
        json.WriteString("url", $"https://www.etsy.com/listing/{(shop * 1_000_000) + number}");
        json.WriteString("language", "en");
        json.WriteNumber("taxonomy_id", 1_000 + (number % 50));
        json.WriteStartObject("price");
        json.WriteNumber("amount", 1_000 + number);
        json.WriteNumber("divisor", 100);
        json.WriteString("currency_code", "USD");
        json.WriteEndObject();
        json.WriteStartArray("tags");
        foreach (var tag in Tags(shop, number))
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
