using System.Text;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Trends.Sources;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Trends.Sources;

public sealed class PinterestTrendsSourceTests
{
    private const string Costumes = """
        {"keyword":"Couples  Halloween Costumes","pct_growth_wow":50,"pct_growth_mom":400,"pct_growth_yoy":-5,
         "time_series":{"2026-03-31":31,"2026-04-07":54,"2026-04-14":100}}
        """;

    private static readonly DateOnly s_today = new(2026, 4, 15);

    [Fact]
    public async Task FetchAsync_RegionsAndTypes_AreAskedForAsTheContractSays()
    {
        await using var server = await LoopbackServer.StartAsync((context, _, _) => context.JsonAsync("""{"trends":[]}"""));
        await using var host = Host(
            server, ("Trends:Pinterest:Regions:0", "GB+IE"), ("Trends:Pinterest:Regions:1", "US"),
            ("Trends:Pinterest:TrendTypes:0", "growing"), ("Trends:Pinterest:TrendTypes:1", "seasonal"),
            ("Trends:Pinterest:Interests:0", "home_decor"), ("Trends:Pinterest:Interests:1", "wedding"),
            ("Trends:Pinterest:Ages:0", "65+"), ("Trends:Pinterest:Limit", "25"));

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Null(result.Error);
        Assert.Empty(result.Batches);
        const string Query = "?limit=25&interests=home_decor&interests=wedding&ages=65%2B";
        Assert.Equal(
            [
                "/v5/trends/keywords/GB%2BIE/top/growing" + Query, "/v5/trends/keywords/GB%2BIE/top/seasonal" + Query,
                "/v5/trends/keywords/US/top/growing" + Query, "/v5/trends/keywords/US/top/seasonal" + Query,
            ],
            server.Received.Select(r => r.Target));
        Assert.All(server.Received, r => Assert.Equal("Bearer SECRET-access", r.Headers["Authorization"]));
    }

    [Fact]
    public async Task FetchAsync_NothingChosen_AsksForAllTypesOfTheUnitedStates()
    {
        await using var server = await LoopbackServer.StartAsync((context, _, _) => context.JsonAsync("{}"));
        await using var host = Host(server);

        await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Equal(
            ["growing", "monthly", "yearly", "seasonal"],
            server.Received.Select(r => r.Target.Replace("/v5/trends/keywords/US/top/", "").Replace("?limit=50", "")));
    }

    [Fact]
    public async Task FetchAsync_Weeks_AreIndexReadingsOfTheirEnd()
    {
        await using var server = await AnswerAsync(Costumes);
        await using var host = Host(server);

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Equal(
            [
                new Signal("couples halloween costumes", "pinterest", new(2026, 3, 31), 31, SignalScale.Index),
                new Signal("couples halloween costumes", "pinterest", new(2026, 4, 7), 54, SignalScale.Index),
                new Signal("couples halloween costumes", "pinterest", new(2026, 4, 14), 100, SignalScale.Index),
            ],
            result.Signals);
    }

    [Theory]
    [InlineData("""{"2026-04-15":60,"2026-04-22":70}""")]
    [InlineData("""{"2026-04-07":null,"not a day":1,"2026-03-31":101,"2026-03-24":-1}""")]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task FetchAsync_NoFinishedWeekWithAReading_FallsBackToGrowth(string series)
    {
        await using var server = await AnswerAsync($$$"""{"keyword":"moss art","pct_growth_mom":120,"time_series":{{{series}}} }""");
        await using var host = Host(server);

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Equal(
            [new Signal("moss art", "pinterest-growth", new(2026, 4, 14), 120, SignalScale.Percent)], result.Signals);
    }

    [Theory]
    [InlineData(""" "pct_growth_mom":10001 """, 10_000.0)]
    [InlineData(""" "pct_growth_mom":-10001 """, -100.0)]
    [InlineData(""" "pct_growth_wow":50,"pct_growth_yoy":-5 """, 50.0)]
    [InlineData(""" "pct_growth_yoy":-5 """, -5.0)]
    [InlineData(""" "pct_growth_mom":0,"pct_growth_wow":50 """, 0.0)]
    public async Task FetchAsync_GrowthAlone_IsAPercentageWithinBounds(string growth, double expected)
    {
        await using var server = await AnswerAsync($$$"""{"keyword":"moss art",{{{growth}}} }""");
        await using var host = Host(server);

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Equal(expected, Assert.Single(result.Signals).Value);
    }

    [Fact]
    public async Task FetchAsync_NoFieldIsRequired_SkipsWhatSaysNothing()
    {
        await using var server = await AnswerAsync($$"""{}, null, {"keyword":" "}, {"keyword":"no numbers"}, {"keyword":null,"pct_growth_mom":1}, {{Costumes}}""");
        await using var host = Host(server);

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Null(result.Error);
        Assert.Equal(["couples halloween costumes"], result.Signals.Select(s => s.Term).Distinct());
    }

    [Fact]
    public async Task FetchAsync_KeywordTrendsTwice_ItsFirstSeriesCounts()
    {
        await using var server = await LoopbackServer.StartAsync((context, request, _) => context.JsonAsync(
            request.Target.Contains("/US/", StringComparison.Ordinal)
                ? """{"trends":[{"keyword":"moss art","time_series":{"2026-04-07":10}},{"keyword":"Moss Art","time_series":{"2026-04-07":20}}]}"""
                : """{"trends":[{"keyword":"moss art","time_series":{"2026-04-07":90,"2026-03-31":5}}]}"""));
        await using var host = Host(server, ("Trends:Pinterest:Regions:0", "US"), ("Trends:Pinterest:Regions:1", "CA"));

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Equal([new Signal("moss art", "pinterest", new(2026, 4, 7), 10, SignalScale.Index)], result.Signals);
    }

    [Fact]
    public async Task FetchAsync_TokenRefused_IsRefreshedOnceByBasicAuthAndForm()
    {
        await using var server = await PinterestAsync();
        await using var host = Host(server, Refreshable);

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Null(result.Error);
        Assert.Equal(3, result.Signals.Count);
        var refresh = Assert.Single(server.Received, r => r.Target == "/v5/oauth/token");
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("an-id:SECRET-client")), refresh.Headers["Authorization"]);
        Assert.Equal("application/x-www-form-urlencoded", refresh.Headers["Content-Type"]);
        Assert.Equal("grant_type=refresh_token&refresh_token=SECRET-refresh&scope=user_accounts%3Aread", refresh.Body);
        Assert.Equal(
            "SECRET-refresh-2", await host.RefreshTokens.ReadAsync("pinterest", "SECRET-refresh", CancellationToken.None));
    }

    [Fact]
    public async Task FetchAsync_RefreshTokenWasReplaced_UsesTheReplacement()
    {
        await using var server = await PinterestAsync();
        await using var host = Host(server, Refreshable);
        await host.RefreshTokens.SaveAsync("pinterest", "SECRET-refresh", "SECRET-kept", CancellationToken.None);

        await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Contains("refresh_token=SECRET-kept", server.Received.Single(r => r.Target == "/v5/oauth/token").Body);
    }

    [Fact]
    public async Task FetchAsync_FreshTokenRefusedToo_StopsThere()
    {
        await using var server = await LoopbackServer.StartAsync((context, request, _) => request.Target == "/v5/oauth/token"
            ? context.JsonAsync("""{"access_token":"SECRET-fresh","token_type":"bearer","expires_in":2592000,"scope":"user_accounts:read"}""")
            : context.JsonAsync("""{"code":2,"message":"Authentication failed for SECRET-fresh."}""", 401));
        await using var host = Host(server, Refreshable);

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Equal("unauthorized", result.Error?.Code);
        Assert.Contains("user_accounts:read", result.Error?.Message);
        Assert.DoesNotContain("SECRET", result.Error?.ToString());
        Assert.DoesNotContain("SECRET", host.Log.Text);
        Assert.Equal(3, server.Received.Count);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(400)]
    public async Task FetchAsync_RefreshFails_IsNotRepeatedAndNotTakenForTheRegion(int status)
    {
        await using var server = await LoopbackServer.StartAsync((context, request, _) => request.Target == "/v5/oauth/token"
            ? context.JsonAsync("""{"code":283,"message":"Invalid refresh token"}""", status)
            : context.JsonAsync("""{"code":2,"message":"Authentication failed."}""", 401));
        await using var host = Host(server, Refreshable);

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Equal(status == 500 ? "server-error" : "unauthorized", result.Error?.Code);
        Assert.Single(server.Received, r => r.Target == "/v5/oauth/token");
        Assert.Equal(2, server.Received.Count);
    }

    [Fact]
    public async Task FetchAsync_OneRegionRefused_TheOthersAreRead()
    {
        await using var server = await LoopbackServer.StartAsync((context, request, _) =>
            request.Target.Contains("/XX/", StringComparison.Ordinal)
                ? context.JsonAsync("""{"code":400,"message":"Invalid trending keywords request parameters"}""", 400)
                : context.JsonAsync($$"""{"trends":[{{Costumes}}]}"""));
        await using var host = Host(server, ("Trends:Pinterest:Regions:0", "XX"), ("Trends:Pinterest:Regions:1", "US"));

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Null(result.Error);
        Assert.Equal(3, result.Signals.Count);
        Assert.Contains("of region XX: Pinterest answered 400", host.Log.Text);
    }

    [Fact]
    public async Task FetchAsync_FailsMidway_KeepsWhatCameBefore()
    {
        await using var server = await LoopbackServer.StartAsync((context, request, _) =>
            request.Target.Contains("/growing", StringComparison.Ordinal)
                ? context.JsonAsync($$"""{"trends":[{{Costumes}}]}""")
                : context.StatusAsync(429, ("Retry-After", "86400")));
        await using var host = Host(server);

        var result = await host.FetchAsync("pinterest", AContextOfToday());

        Assert.Equal(3, result.Signals.Count);
        Assert.Equal("rate-limited", result.Error?.Code);
        Assert.Equal(
            "Pinterest answered 429 TooManyRequests. It asks to wait 86400 s. The next run tries again.", result.Error?.Message);
        Assert.Equal(2, server.Received.Count);
    }

    private static (string, string)[] Refreshable =>
    [
        ("Trends:Pinterest:ClientId", "an-id"), ("Trends:Pinterest:ClientSecret", "SECRET-client"),
        ("Trends:Pinterest:RefreshToken", "SECRET-refresh"), ("Trends:Pinterest:TrendTypes:0", "growing"),
    ];

    private static AContext AContextOfToday() => new() { Today = s_today };

    private static Task<LoopbackServer> AnswerAsync(string keywords)
        => LoopbackServer.StartAsync((context, _, _) => context.JsonAsync($$"""{"trends":[{{keywords}}]}"""));

    /// <summary>Refuses the configured access token and hands out another, with a new refresh token.</summary>
    private static Task<LoopbackServer> PinterestAsync() => LoopbackServer.StartAsync((context, request, _) =>
    {
        if (request.Target == "/v5/oauth/token")
        {
            return context.JsonAsync("""
                {"response_type":"refresh_token","access_token":"SECRET-fresh","token_type":"bearer","expires_in":2592000,
                 "scope":"user_accounts:read","refresh_token":"SECRET-refresh-2","refresh_token_expires_in":5184000,
                 "refresh_token_expires_at":1781524800}
                """);
        }

        return request.Headers["Authorization"] == "Bearer SECRET-fresh"
            ? context.JsonAsync($$"""{"trends":[{{Costumes}}]}""")
            : context.JsonAsync("""{"code":2,"message":"Authentication failed."}""", 401);
    });

    private static SourceHost Host(LoopbackServer server, params (string Key, string Value)[] more) => new(
    [
        ("Trends:Pinterest:BaseAddress", server.Address + "v5"),
        ("Trends:Pinterest:AccessToken", "SECRET-access"),
        .. more,
    ]);
}
