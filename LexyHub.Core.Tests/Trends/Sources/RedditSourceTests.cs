using System.Globalization;
using System.Text;
using LexyHub.Core.Http;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Trends.Sources;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Trends.Sources;

public sealed class RedditSourceTests
{
    private static readonly DateOnly s_today = new(2026, 4, 15);

    private static readonly DateTimeOffset s_noon = new(2026, 4, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task FetchAsync_OneSubreddit_AsksAsTheContractSays()
    {
        await using var server = await RedditAsync((_, _) => Page(null));
        await using var host = Host(server);

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Null(result.Error);
        Assert.Empty(result.Batches);
        Assert.Equal(
            ["POST /api/v1/access_token", "GET /r/jewelry/new?limit=100&raw_json=1"],
            server.Received.Select(r => $"{r.Method} {r.Target}"));
        Assert.Equal("grant_type=client_credentials", server.Received[0].Body);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("an-id:SECRET-client")), server.Received[0].Headers["Authorization"]);
        Assert.Equal("Bearer SECRET-access", server.Received[1].Headers["Authorization"]);
        Assert.All(
            server.Received,
            r => Assert.Equal("server:lexyhub-background-jobs:1.0 (keyword trend aggregation)", r.Headers["User-Agent"]));
    }

    [Theory]
    [InlineData("Hot", "hot?limit=100&raw_json=1")]
    [InlineData("rising", "rising?limit=100&raw_json=1")]
    [InlineData("Top", "top?limit=100&raw_json=1&t=week")]
    public async Task FetchAsync_OtherListing_IsAskedFor(string listing, string expected)
    {
        await using var server = await RedditAsync((_, _) => Page(null, Post("a", "gold ring", 1)));
        await using var host = Host(server, ("Trends:Reddit:Listing", listing));

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal("/r/jewelry/" + expected, server.Received[1].Target);

        // A choice of posts says nothing about the days on which it has none.
        Assert.Equal([new DateOnly(2026, 4, 14)], result.Signals.Select(s => s.RecordedOn));
    }

    [Fact]
    public async Task FetchAsync_Mentions_AreWeightedPerTermAndDay()
    {
        await using var server = await RedditAsync((_, _) => Page(
            null,
            Post("a", "My first GOLD RING!", 1, score: 0),
            Post("b", "Gold rings & a silver chain", 1, score: 99),
            Post("c", "Gold ring, fixed", 3, score: 9),
            Post("d", "Nothing we know", 2, score: 5_000)));
        await using var host = Host(server, ("Trends:Reddit:WindowDays", "3"));

        var result = await host.FetchAsync("reddit", AContextWith("gold ring", "silver chain", "ring", "copper"));

        // A post counts 1, and 1 more for each tenfold of its score; the days between were read and had none.
        Assert.Equal(
            [
                new Signal("gold ring", "reddit", new(2026, 4, 12), 2, SignalScale.Count),
                new Signal("gold ring", "reddit", new(2026, 4, 13), 0, SignalScale.Count),
                new Signal("gold ring", "reddit", new(2026, 4, 14), 4, SignalScale.Count),
                new Signal("silver chain", "reddit", new(2026, 4, 12), 0, SignalScale.Count),
                new Signal("silver chain", "reddit", new(2026, 4, 13), 0, SignalScale.Count),
                new Signal("silver chain", "reddit", new(2026, 4, 14), 3, SignalScale.Count),
            ],
            result.Signals);
    }

    [Fact]
    public async Task FetchAsync_AnyTitles_NeverBecomeTerms()
    {
        await using var server = await RedditAsync((_, _) => Page(null, Post("a", "Throwback when Winter Nights Lazzo first released", 1)));
        await using var host = Host(server);

        var result = await host.FetchAsync("reddit", AContextWith("winter night", "first"));

        Assert.Equal(["first", "winter night"], result.Signals.Select(s => s.Term).Distinct().Order());
    }

    [Fact]
    public async Task FetchAsync_TodayPinnedAndForeignThings_DoNotCount()
    {
        await using var server = await RedditAsync((_, _) => Page(
            null,
            Post("a", "gold ring", 0),
            Post("b", "gold ring", 1, more: ""","stickied":true"""),
            """{"kind":"t1","data":{"name":"t1_c","title":"gold ring","score":1,"created_utc":1776088215.0}}""",
            """{"kind":"t3","data":{"name":"t3_d","score":1,"created_utc":1776088215.0}}""",
            """{"kind":"t3","data":{"name":"t3_e","title":"gold ring","score":null}}""",
            """{"kind":"t3"}""", "null"));
        await using var host = Host(server);

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Null(result.Error);
        Assert.Empty(result.Signals);
    }

    // As recorded: edited is false or a float, upvote_ratio came later, scores may be negative.
    [Theory]
    [InlineData(""","edited":false,"upvote_ratio":0.85""")]
    [InlineData(""","edited":1456012265.0""")]
    [InlineData(""","edited":true,"upvote_ratio":null,"likes":null,"media_embed":{}""")]
    public async Task FetchAsync_ShapesOfTenYears_AreRead(string more)
    {
        await using var server = await RedditAsync((_, _) => Page(null, Post("a", "gold ring", 1, score: -3, more: more)));
        await using var host = Host(server, ("Trends:Reddit:WindowDays", "1"));

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal(1, Assert.Single(result.Signals).Value);
    }

    [Fact]
    public async Task FetchAsync_SeveralPages_AreReadUpToTheWindow()
    {
        await using var server = await RedditAsync((_, after) => after switch
        {
            null => Page("t3_b", Post("a", "gold ring", 1), Post("b", "gold ring", 2)),
            // The listing moved by one while it was read: b comes again.
            "t3_b" => Page("t3_c", Post("b", "gold ring", 2), Post("c", "gold ring", 3)),
            "t3_c" => Page("t3_d", Post("d", "gold ring", 9)),
            _ => throw new InvalidOperationException("Past the window."),
        });
        await using var host = Host(server, ("Trends:Reddit:WindowDays", "3"));

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal([1, 1, 1], result.Signals.Select(s => s.Value));
        Assert.Equal("/r/jewelry/new?limit=100&raw_json=1&after=t3_c&count=4", server.Received[^1].Target);
    }

    [Fact]
    public async Task FetchAsync_ListingCutOff_LeavesOutTheDayItWasCutIn()
    {
        // 100 posts a page: today, and ten pages back it is still the day before yesterday's morning.
        await using var server = await RedditAsync((_, after) =>
        {
            var page = after is null ? 0 : int.Parse(after.AsSpan(3), CultureInfo.InvariantCulture);
            return Page($"t3_{page + 1}", [.. Enumerable.Range(0, 100).Select(i => Post($"p{page}-{i}", "gold ring", page / 4))]);
        });
        await using var host = Host(server);

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal(10, server.Received.Count(r => r.Method == "GET"));
        Assert.Equal([new Signal("gold ring", "reddit", new(2026, 4, 14), 400, SignalScale.Count)], result.Signals);
    }

    [Fact]
    public async Task FetchAsync_TooBusyForADay_IsLeftOutWithItsReason()
    {
        await using var server = await RedditAsync((subreddit, after) =>
        {
            var page = after is null ? 0 : int.Parse(after.AsSpan(3), CultureInfo.InvariantCulture);
            return subreddit == "jewelry"
                ? Page(null, Post("a", "gold ring", 1))
                : Page($"t3_{page + 1}", [.. Enumerable.Range(0, 100).Select(i => Post($"p{page}-{i}", "gold ring", page / 9))]);
        });
        await using var host = Host(
            server, ("Trends:Reddit:Subreddits:1", "popular"), ("Trends:Reddit:WindowDays", "1"));

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal(1, Assert.Single(result.Signals).Value);
        Assert.Contains("r/popular is left out", host.Log.Text);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(302)]
    public async Task FetchAsync_SubredditNotThere_IsLeftOut(int status)
    {
        await using var server = await RedditAsync(
            (subreddit, _) => subreddit == "gone" ? null : Page(null, Post("a", "gold ring", 1)), status);
        await using var host = Host(server, ("Trends:Reddit:Subreddits:1", "gone"), ("Trends:Reddit:WindowDays", "1"));

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Null(result.Error);
        Assert.Single(result.Signals);
        Assert.Contains("r/gone is left out", host.Log.Text);
    }

    [Fact]
    public async Task FetchAsync_NoSubredditThere_SaysWhichSettingToCheck()
    {
        await using var server = await RedditAsync((_, _) => null, 403);
        await using var host = Host(server);

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal("forbidden", result.Error?.Code);
        Assert.Equal(
            "Reddit answered 403 Forbidden: Forbidden. Check the names in Trends:Reddit:Subreddits, and whether they are public.",
            result.Error?.Message);
    }

    [Fact]
    public async Task FetchAsync_OneSubredditFailsForNow_ReportsNothing()
    {
        await using var server = await RedditAsync(
            (subreddit, _) => subreddit == "crafts" ? null : Page(null, Post("a", "gold ring", 1)), 500);
        await using var host = Host(server, ("Trends:Reddit:Subreddits:1", "crafts"));

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Empty(result.Batches);
        Assert.Equal("server-error", result.Error?.Code);
    }

    [Fact]
    public async Task FetchAsync_RequestsUsedUp_WaitsForTheNewPeriod()
    {
        await using var server = await RedditAsync(
            (_, after) => Page(after is null ? "t3_b" : null, Post("a", "gold ring", 1)),
            headers: [("x-ratelimit-remaining", "0.0"), ("x-ratelimit-reset", "11"), ("x-ratelimit-used", "1000")]);
        await using var host = Host(server);

        await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal([TimeSpan.FromSeconds(11)], host.Time.Waits);
    }

    [Fact]
    public async Task FetchAsync_RequestsUsedUpForLongerThanTheRun_FailsAtOnce()
    {
        await using var server = await RedditAsync(
            (_, after) => Page(after is null ? "t3_b" : null, Post("a", "gold ring", 1)),
            headers: [("x-ratelimit-remaining", "0.0"), ("x-ratelimit-reset", "571.5")]);
        await using var host = Host(server);

        using (HttpDeadline.Use(s_noon.AddSeconds(200)))
        {
            var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

            Assert.Equal("rate-limited", result.Error?.Code);
            Assert.Contains("no more requests for 571.5 s", result.Error?.Message);
        }

        Assert.Empty(host.Time.Waits);
    }

    [Theory]
    [InlineData("""{"error": "unsupported_grant_type"}""", 200)]
    [InlineData("""{"message": "Unauthorized", "error": 401}""", 401)]
    public async Task FetchAsync_CredentialsRefused_SaysWhichSettingToCheck(string body, int status)
    {
        await using var server = await LoopbackServer.StartAsync((context, _, _) => context.JsonAsync(body, status));
        await using var host = Host(server);

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal("unauthorized", result.Error?.Code);
        Assert.EndsWith("Check Trends:Reddit:ClientId and :ClientSecret.", result.Error?.Message);
        Assert.Single(server.Received);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Blocked</html>")]
    [InlineData("""{"kind":"Listing","data":{"after":null,"children":[{"kind":"t3","da""")]
    [InlineData("""{"kind":"Listing"}""")]
    [InlineData("""[{"kind":"Listing"}]""")]
    public async Task FetchAsync_NotAListing_SaysSo(string body)
    {
        await using var server = await RedditAsync((_, _) => body);
        await using var host = Host(server);

        var result = await host.FetchAsync("reddit", AContextWith("gold ring"));

        Assert.Equal("bad-response", result.Error?.Code);
        Assert.DoesNotContain("SECRET", result.Error?.ToString());
        Assert.DoesNotContain("SECRET", host.Log.Text);
    }

    private static AContext AContextWith(params string[] terms) => new() { Today = s_today, Terms = terms };

    private static SourceHost Host(LoopbackServer server, params (string Key, string Value)[] more) => new(
    [
        ("Trends:Reddit:BaseAddress", server.Address.ToString()),
        ("Trends:Reddit:TokenEndpoint", server.Address + "api/v1/access_token"),
        ("Trends:Reddit:ClientId", "an-id"),
        ("Trends:Reddit:ClientSecret", "SECRET-client"),
        ("Trends:Reddit:Subreddits:0", "jewelry"),
        .. more,
    ]);

    /// <param name="answer">From subreddit and <c>after</c> to a body; null is answered with <paramref name="otherwise"/>.</param>
    private static Task<LoopbackServer> RedditAsync(
        Func<string, string?, string?> answer, int otherwise = 500, params (string Name, string Value)[] headers)
        => LoopbackServer.StartAsync((context, request, _) =>
        {
            if (request.Method == "POST")
                return context.JsonAsync("""{"access_token":"SECRET-access","token_type":"bearer","expires_in":3600,"scope":"*"}""");

            foreach (var (name, value) in headers)
                context.Response.Headers[name] = value;
            var body = answer(request.Target.Split('/')[2], context.Request.Query["after"].FirstOrDefault());
            context.Response.Headers.Location = "/subreddits/search?q=gone";
            return body is null
                ? context.JsonAsync($$"""{"message":"{{(otherwise == 403 ? "Forbidden" : "No")}}","error":{{otherwise}} }""", otherwise)
                : context.JsonAsync(body);
        });

    private static string Page(string? after, params string[] children)
        => $$$"""
            {"kind":"Listing","data":{"after":{{{(after is null ? "null" : $"\"{after}\"")}}},"dist":{{{children.Length}}},"modhash":null,"geo_filter":null,
             "children":[{{{string.Join(',', children)}}}],"before":null}}
            """;

    /// <param name="daysAgo">Before today; the post was made at noon.</param>
    private static string Post(string id, string title, int daysAgo, double score = 0, string more = "")
        => string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"kind":"t3","data":{"name":"t3_{{{id}}}","title":"{{{title}}}","score":{{{score}}},"created_utc":{{{s_noon.AddDays(-daysAgo).ToUnixTimeSeconds()}}}.0{{{more}}} } }""");
}
