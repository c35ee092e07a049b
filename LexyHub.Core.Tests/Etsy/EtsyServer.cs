using System.Globalization;
using System.Text.Json.Nodes;
using LexyHub.Core.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Etsy;

/// <summary>A listing as a shop has it.</summary>
internal sealed record ShopListing(long Id)
{
    public string Title { get; init; } = $"Listing";

    public string State { get; init; } = "active";

    public string[] Tags { get; init; } = [];

    /// <summary>Epoch seconds.</summary>
    public long Updated { get; init; } = 1_700_000_000;

    /// <summary>Properties of the answer beside these.</summary>
    public Dictionary<string, JsonNode?> More { get; init; } = [];
}

/// <summary>Etsy on loopback: tokens that rotate, pages in the contract's shape, limits. Requests are held against the OpenAPI document,
/// and the server's end fails the test where one departs from it.</summary>
internal sealed class EtsyServer : IAsyncDisposable
{
    public const string KeyString = "a-keystring-of-the-tests";
    public const string SharedSecret = "SECRET-shared";

    private readonly EtsyContract contract = new();
    private readonly Lock gate = new();
    private readonly List<string> problems = [];
    private readonly Dictionary<string, string> shopOfToken = [];
    private readonly Queue<long> arrivals = new();
    private LoopbackServer server = null!;
    private int tokens;
    private int answeredPages;

    /// <summary>Listings of each shop, by its id.</summary>
    public Dictionary<long, List<ShopListing>> Shops { get; } = [];

    /// <summary>Refresh tokens that are good, with their shop.</summary>
    public Dictionary<string, string> RefreshTokens { get; } = [];

    /// <summary>Called before a page is answered, with how many were before it; true where it has answered itself.</summary>
    public Func<HttpContext, ReceivedRequest, int, Task<bool>>? OnPage { get; set; }

    /// <summary>Called once a token is traded; true where it has answered itself.</summary>
    public Func<HttpContext, ReceivedRequest, Task<bool>>? OnToken { get; set; }

    /// <summary>Called once the answer of a page is on its way, with how many were before it.</summary>
    public Action<int>? OnAnswered { get; set; }

    /// <summary>Listings at the end that are counted and not listed.</summary>
    public int Hidden { get; set; }

    /// <summary>Answers hold no more than the listing says, for shops so large that the rest takes its time.</summary>
    public bool IsBrief { get; set; }

    public bool SortsByUpdate { get; set; } = true;

    public int? LimitPerSecond { get; set; }

    public int? RemainingToday { get; set; }

    /// <summary>Most pages that came within any second.</summary>
    public int MostInASecond { get; private set; }

    public IReadOnlyList<ReceivedRequest> Received => server.Received;

    public IEnumerable<ReceivedRequest> Pages => Received.Where(request => request.Method == "GET");

    public IEnumerable<ReceivedRequest> TokenCalls => Received.Where(request => request.Method == "POST");

    /// <summary>Settings that lead here.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Etsy:KeyString"] = KeyString,
        ["Etsy:SharedSecret"] = SharedSecret,
        ["Etsy:BaseAddress"] = server.Address + "v3/application/",
        ["Etsy:TokenEndpoint"] = server.Address + "v3/public/oauth/token",
        ["Http:BaseDelay"] = "00:00:00.010",
        ["Jobs:Heartbeat"] = "00:00:00.500",
    };

    public static async Task<EtsyServer> StartAsync()
    {
        var etsy = new EtsyServer();
        etsy.server = await LoopbackServer.StartAsync(etsy.AnswerAsync);
        return etsy;
    }

    /// <summary>A shop with listings 1, 2, … of that many, the first one updated last.</summary>
    public long AddShop(long id, int listings)
    {
        Shops[id] = [.. Enumerable.Range(1, listings).Select(i => new ShopListing((id * 100_000) + i)
        {
            Title = $"Listing {i} &amp; more",
            Tags = [$"tag {i % 50}", $"Shop {id}"],
            Updated = 1_700_000_000 - i,
        })];
        return id;
    }

    /// <summary>An access token that is good for the shop.</summary>
    public string GrantAccess(long shop) => Grant(shop.ToString(CultureInfo.InvariantCulture), "access");

    /// <summary>A refresh token that is good for the shop, once.</summary>
    public string GrantRefresh(long shop)
    {
        var token = $"SECRET-refresh-{shop}-{Interlocked.Increment(ref tokens)}";
        lock (gate)
        {
            RefreshTokens[token] = shop.ToString(CultureInfo.InvariantCulture);
        }

        return token;
    }

    public void RevokeAccess()
    {
        lock (gate)
        {
            shopOfToken.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Assert.Empty(problems);
    }

    private string Grant(string shop, string kind)
    {
        var token = $"SECRET-{kind}-{shop}-{Interlocked.Increment(ref tokens)}";
        lock (gate)
        {
            shopOfToken[token] = shop;
        }

        return token;
    }

    private Task AnswerAsync(HttpContext context, ReceivedRequest request, int count)
        => request.Target == "/v3/public/oauth/token" ? AnswerTokenAsync(context, request) : AnswerPageAsync(context, request);

    private async Task AnswerTokenAsync(HttpContext context, ReceivedRequest request)
    {
        var form = request.Body.Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        if (request.Method != "POST" || !request.Headers["Content-Type"].StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal)
            || form.GetValueOrDefault("grant_type") != "refresh_token" || form.GetValueOrDefault("client_id") != KeyString || form.Count != 3)
        {
            Note($"token request: {request.Method} {string.Join(',', form.Keys)}");
        }

        string? shop;
        lock (gate)
        {
            RefreshTokens.Remove(form["refresh_token"], out shop);
        }

        if (OnToken is { } intercept && await intercept(context, request))
        {
            return;
        }

        if (shop is null)
        {
            await context.JsonAsync("""{"error":"invalid_grant","error_description":"refresh_token is revoked"}""", 400);
            return;
        }

        await context.JsonAsync(
            $$"""{"access_token":"{{Grant(shop, "access")}}","token_type":"Bearer","expires_in":3600,"refresh_token":"{{GrantRefresh(long.Parse(shop, CultureInfo.InvariantCulture))}}"}""");
    }

    private async Task AnswerPageAsync(HttpContext context, ReceivedRequest request)
    {
        foreach (var problem in contract.Check(request))
        {
            Note($"{request.Method} {request.Target}: {problem}");
        }

        var number = Interlocked.Increment(ref answeredPages) - 1;
        var refused = CountArrival(context.Response.Headers);
        if (OnPage is { } intercept && await intercept(context, request, number))
        {
            return;
        }

        var shop = request.Target.Split('/')[4];
        string? granted;
        lock (gate)
        {
            granted = shopOfToken.GetValueOrDefault(request.Headers.GetValueOrDefault("Authorization", "")["Bearer ".Length..]);
        }

        await (refused ? context.JsonAsync("""{"error":"Exceeded the rate limit"}""", 429)
            : request.Headers.GetValueOrDefault("x-api-key") != $"{KeyString}:{SharedSecret}"
                ? context.JsonAsync("""{"error":"Shared secret is required in x-api-key header."}""", 403)
            : granted != shop ? context.JsonAsync("""{"error":"invalid_token","error_description":"access token is expired"}""", 401)
            : !Shops.ContainsKey(long.Parse(shop, CultureInfo.InvariantCulture)) ? context.JsonAsync("""{"error":"Shop not found"}""", 404)
            : context.JsonAsync(Page(request, long.Parse(shop, CultureInfo.InvariantCulture))));
        OnAnswered?.Invoke(number);
    }

    private string Page(ReceivedRequest request, long shop)
    {
        var query = request.Target.Split('?')[1].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        string Given(string name) => query.GetValueOrDefault(name, contract.Default(name));
        var offset = int.Parse(Given("offset"), CultureInfo.InvariantCulture);
        if (offset > 12_000)
        {
            Note($"offset {offset} is above 12,000");
        }

        List<ShopListing> ofState;
        lock (gate)
        {
            ofState = [.. Shops[shop].Where(listing => listing.State == Given("state") || listing.More.ContainsKey("state"))];
        }

        var sorted = SortsByUpdate && Given("sort_on") == "updated" ? ofState.OrderByDescending(listing => listing.Updated).ToList() : ofState;
        var page = sorted.SkipLast(Hidden).Skip(offset).Take(int.Parse(Given("limit"), CultureInfo.InvariantCulture));
        return new JsonObject
        {
            ["count"] = sorted.Count,
            ["results"] = new JsonArray([.. page.Select(listing => Answer(listing, shop))]),
        }.ToJsonString();
    }

    private JsonObject Answer(ShopListing listing, long shop)
    {
        var said = Said(listing, shop);
        return IsBrief ? new JsonObject(said) : contract.Make("ShopListingWithAssociations", (int)(listing.Id % int.MaxValue), said);
    }

    private static Dictionary<string, JsonNode?> Said(ShopListing listing, long shop)
        => new Dictionary<string, JsonNode?>(listing.More.Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())).Concat(
            new Dictionary<string, JsonNode?>
            {
                ["listing_id"] = listing.Id,
                ["shop_id"] = shop,
                ["title"] = listing.Title,
                ["state"] = listing.State,
                ["tags"] = new JsonArray([.. listing.Tags.Select(tag => (JsonNode)tag)]),
                ["updated_timestamp"] = listing.Updated,
                ["last_modified_timestamp"] = listing.Updated,
                ["price"] = new JsonObject { ["amount"] = 1_250, ["divisor"] = 100, ["currency_code"] = "USD" },
                ["views"] = 0,
            }).DistinctBy(pair => pair.Key));

    private bool CountArrival(IHeaderDictionary headers)
    {
        lock (gate)
        {
            var now = TimeProvider.System.GetTimestamp();
            arrivals.Enqueue(now);
            while (TimeProvider.System.GetElapsedTime(arrivals.Peek(), now) >= TimeSpan.FromSeconds(1))
            {
                arrivals.Dequeue();
            }

            MostInASecond = Math.Max(MostInASecond, arrivals.Count);
            if (LimitPerSecond is { } second)
            {
                headers["x-limit-per-second"] = second.ToString(CultureInfo.InvariantCulture);
            }

            if (RemainingToday is { } left)
            {
                RemainingToday = Math.Max(0, left - 1);
                headers["x-limit-per-day"] = "10000";
                headers["x-remaining-today"] = RemainingToday.Value.ToString(CultureInfo.InvariantCulture);
            }

            return arrivals.Count > LimitPerSecond;
        }
    }

    private void Note(string problem)
    {
        lock (gate)
        {
            problems.Add(problem);
        }
    }
}
