using System.Collections.Concurrent;
using System.Text.Json;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Trends.Sources;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Trends.Sources;

public sealed class GoogleTrendsSourceTests
{
    private static readonly DateOnly s_today = new(2026, 4, 15);

    [Fact]
    public async Task FetchAsync_OneTerm_SendsWhatTheContractAsksFor()
    {
        await using var server = await GoogleAsync(new());
        await using var host = Host(server, ("Trends:Google:LookbackWeeks", "4"), ("Trends:Google:QuotaProject", "our-project"));

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring"));

        Assert.Null(result.Error);
        Assert.Equal(
            ["POST /token", "POST /v1alpha:fetchTimeSeries", "GET /v1alpha/operations/v1alpha.gold-ring"],
            server.Received.Select(r => $"{r.Method} {r.Target}"));
        Assert.Equal(
            "grant_type=refresh_token&refresh_token=SECRET-refresh&client_id=an-id&client_secret=SECRET-client",
            server.Received[0].Body);
        Assert.False(server.Received[0].Headers.ContainsKey("Authorization"));
        Assert.All(server.Received.Skip(1), r => Assert.Equal("Bearer SECRET-access-1", r.Headers["Authorization"]));
        Assert.Equal("our-project", server.Received[1].Headers["X-Goog-User-Project"]);

        // Whole weeks from Sunday to Sunday, ending three days before today at the latest.
        Assert.Equal(
            JsonSerializer.Serialize(new
            {
                spec = new
                {
                    expression = new { terms = new[] { new { value = "gold ring", type = "BROAD" } } },
                    geo = new { type = "GEO_TYPE_COUNTRY_OR_REGION", code = "US" },
                    timeRange = new { startTime = "2026-03-15T00:00:00Z", endTime = "2026-04-12T00:00:00Z" },
                    timeResolution = "WEEK",
                },
            }),
            server.Received[1].Body);
    }

    [Fact]
    public async Task FetchAsync_Weeks_AreCountsOnTheirLastDay()
    {
        await using var server = await GoogleAsync(new()
        {
            Points = """
                {"timeRange":{"startTime":"2026-03-15T00:00:00Z","endTime":"2026-03-22T00:00:00Z"},"searchInterest":65000,"scaledSearchInterest":17,"isPartial":false,"extendsPastRequestedTimeRange":false},
                {"timeRange":{"startTime":"2026-03-22T00:00:00Z","endTime":"2026-03-29T00:00:00Z"},"searchInterest":0,"scaledSearchInterest":0,"isPartial":false},
                {"timeRange":{"startTime":"2026-03-29T00:00:00Z","endTime":"2026-04-05T00:00:00Z"},"scaledSearchInterest":11},
                {"timeRange":{"startTime":"2026-04-05T00:00:00Z","endTime":"2026-04-12T00:00:00Z"},"searchInterest":"43000.5"},
                {"timeRange":{"startTime":"2026-04-12T00:00:00Z","endTime":"2026-04-19T00:00:00Z"},"searchInterest":900,"isPartial":true},
                {"searchInterest":5}, null
                """,
        });
        await using var host = Host(server);

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring"));

        Assert.Equal(
            [
                new Signal("gold ring", "google-trends", new(2026, 3, 21), 65_000, SignalScale.Count),
                // Nobody searched in the second week; of the third nothing is known.
                new Signal("gold ring", "google-trends", new(2026, 3, 28), 0, SignalScale.Count),
                new Signal("gold ring", "google-trends", new(2026, 4, 11), 43_000.5, SignalScale.Count),
            ],
            result.Signals);
    }

    [Fact]
    public async Task FetchAsync_OperationTakesTime_IsPolledUntilDone()
    {
        await using var server = await GoogleAsync(new() { PollsUntilDone = 3 });
        await using var host = Host(server);

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring"));

        Assert.Single(result.Signals);
        Assert.Equal(3, server.Received.Count(r => r.Method == "GET"));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(2), 3), host.Time.Waits);
    }

    [Fact]
    public async Task FetchAsync_OperationNeverDone_GivesUp()
    {
        await using var server = await GoogleAsync(new() { PollsUntilDone = int.MaxValue });
        await using var host = Host(server, ("Trends:Google:OperationTimeout", "00:00:10"));

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring"));

        Assert.Equal("timeout", result.Error?.Code);
        Assert.Contains("did not finish a request within 10 s", result.Error?.Message);
        Assert.InRange(server.Received.Count, 3, 10);
    }

    [Fact]
    public async Task FetchAsync_SeveralTerms_OneRequestAndOneReadMarkEach()
    {
        await using var server = await GoogleAsync(new() { NoPointsFor = "obscure" });
        await using var host = Host(server, ("Trends:Google:TermsPerRun", "3"), ("Trends:Google:Concurrency", "2"));
        var tooLong = new string('x', 101);

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring", "obscure", tooLong, "never asked"));

        Assert.Null(result.Error);
        Assert.Equal(2, server.Received.Count(r => r.Method == "POST" && r.Target.StartsWith("/v1alpha", StringComparison.Ordinal)));
        Assert.Equal(["gold ring"], result.Signals.Select(s => s.Term).Distinct());
        Assert.Equal(["gold ring", "obscure", tooLong], result.Batches.SelectMany(b => b.TermsRead));
    }

    [Fact]
    public async Task FetchAsync_NoTerms_CallsNobody()
    {
        await using var server = await GoogleAsync(new());
        await using var host = Host(server);

        var result = await host.FetchAsync("google-trends", AContextWith());

        Assert.Null(result.Error);
        Assert.Empty(result.Batches);
        Assert.Empty(server.Received);
    }

    [Theory]
    [InlineData(3, "INVALID_ARGUMENT")]
    [InlineData(13, "INTERNAL")]
    public async Task FetchAsync_OneTermFails_TheOthersAreRead(int code, string status)
    {
        await using var server = await GoogleAsync(new()
        {
            ErrorFor = "bad term",
            Error = $$"""{"code":{{code}},"message":"No.","status":"{{status}}"}""",
        });
        await using var host = Host(server);

        var result = await host.FetchAsync("google-trends", AContextWith("bad term", "gold ring"));

        Assert.Null(result.Error);
        Assert.Equal(["gold ring"], result.Signals.Select(s => s.Term).Distinct());
        Assert.Equal(["bad term", "gold ring"], result.Batches.SelectMany(b => b.TermsRead));
        Assert.Contains("refused 1 of 2 terms", host.Log.Text);
    }

    [Fact]
    public async Task FetchAsync_EveryTermFails_SaysWhy()
    {
        await using var server = await GoogleAsync(new()
        {
            ErrorFor = "bad term",
            Error = """{"code":3,"message":"Unknown geo code.","details":[]}""",
        });
        await using var host = Host(server);

        var result = await host.FetchAsync("google-trends", AContextWith("bad term"));

        Assert.Equal("Every term was refused. Google Trends could not finish a request (code 3): Unknown geo code.", result.Error?.Message);
    }

    [Fact]
    public async Task FetchAsync_QuotaEndsMidway_KeepsWhatCameBefore()
    {
        await using var server = await GoogleAsync(new() { ErrorFor = "third", Error = """{"code":8,"message":"Quota exceeded."}""" });
        await using var host = Host(server, ("Trends:Google:Concurrency", "1"));

        var result = await host.FetchAsync("google-trends", AContextWith("first", "second", "third", "fourth"));

        Assert.Equal(["first", "second"], result.Batches.SelectMany(b => b.TermsRead));
        Assert.Equal(["first", "second"], result.Signals.Select(s => s.Term).Distinct());
        Assert.Equal("rate-limited", result.Error?.Code);
        Assert.Equal(
            "Google Trends could not finish a request (code 8): Quota exceeded. The next run tries again.", result.Error?.Message);
    }

    [Fact]
    public async Task FetchAsync_TokenRefused_IsRefreshedOnce()
    {
        await using var server = await GoogleAsync(new() { RefusedToken = "SECRET-static" });
        await using var host = Host(server, ("Trends:Google:AccessToken", "SECRET-static"));

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring"));

        Assert.Null(result.Error);
        Assert.Single(result.Signals);
        Assert.Single(server.Received, r => r.Target == "/token");
    }

    [Fact]
    public async Task FetchAsync_StaticTokenRefused_SaysWhatToSet()
    {
        await using var server = await GoogleAsync(new() { RefusedToken = "SECRET-static" });
        await using var host = new SourceHost(
            ("Trends:Google:BaseAddress", server.Address.ToString()), ("Trends:Google:AccessToken", "SECRET-static"));

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring"));

        Assert.Equal("unauthorized", result.Error?.Code);
        Assert.Contains("Trends:Google:ClientId", result.Error?.Message);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task FetchAsync_RefreshRefused_SaysSoWithoutTheSecrets()
    {
        await using var server = await LoopbackServer.StartAsync((context, request, _) => context.JsonAsync(
            """{"error":"invalid_grant","error_description":"SECRET-refresh of SECRET-client is revoked"}""", 400));
        await using var host = Host(server);

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring"));

        Assert.Equal("unauthorized", result.Error?.Code);
        Assert.Contains("*** of *** is revoked", result.Error?.Message);
        Assert.DoesNotContain("SECRET", result.Error?.ToString());
        Assert.DoesNotContain("SECRET", host.Log.Text);
    }

    [Theory]
    [InlineData("""{"name":"https://evil.example/x"}""")]
    [InlineData("""{"name":"../../secret"}""")]
    [InlineData("""{"done":false}""")]
    [InlineData("""{"name":""")]
    [InlineData("[]")]
    public async Task FetchAsync_AnswerIsNoOperation_SaysSo(string body)
    {
        await using var server = await LoopbackServer.StartAsync((context, request, _) => request.Target == "/token"
            ? context.JsonAsync("""{"access_token":"SECRET-access-1","expires_in":3599}""")
            : context.JsonAsync(body));
        await using var host = Host(server);

        var result = await host.FetchAsync("google-trends", AContextWith("gold ring"));

        Assert.Equal("bad-response", result.Error?.Code);
        Assert.Equal(2, server.Received.Count);
    }

    private static AContext AContextWith(params string[] terms) => new() { Today = s_today, Terms = terms };

    private static SourceHost Host(LoopbackServer server, params (string Key, string Value)[] more) => new(
    [
        ("Trends:Google:BaseAddress", server.Address.ToString()),
        ("Trends:Google:TokenEndpoint", server.Address + "token"),
        ("Trends:Google:ClientId", "an-id"),
        ("Trends:Google:ClientSecret", "SECRET-client"),
        ("Trends:Google:RefreshToken", "SECRET-refresh"),
        .. more,
    ]);

    /// <summary>Speaks v1alpha as in the recordings: an operation named by its term, then the same with a response.</summary>
    private static Task<LoopbackServer> GoogleAsync(Google google)
    {
        var polls = new ConcurrentDictionary<string, int>();
        var tokens = 0;
        return LoopbackServer.StartAsync((context, request, _) =>
        {
            if (request.Target == "/token")
            {
                var token = $"SECRET-access-{Interlocked.Increment(ref tokens)}";
                return context.JsonAsync($$"""{"access_token":"{{token}}","expires_in":3599,"scope":"s","token_type":"Bearer"}""");
            }

            if (request.Headers["Authorization"] == "Bearer " + google.RefusedToken)
                return context.JsonAsync("""{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}""", 401);

            if (request.Method == "POST")
            {
                using var document = JsonDocument.Parse(request.Body);
                var spec = document.RootElement.GetProperty("spec");
                var term = Assert.Single(spec.GetProperty("expression").GetProperty("terms").EnumerateArray()).GetProperty("value").GetString()!;
                return context.JsonAsync($$"""{"name":"{{NameOf(term)}}","metadata":{"pointCount":1} }""");
            }

            var name = request.Target["/v1alpha/operations/".Length..];
            if (polls.AddOrUpdate(name, 1, (_, before) => before + 1) < google.PollsUntilDone)
                return context.JsonAsync($$"""{"name":"{{name}}","metadata":{"pointCount":1} }""");
            if (google.ErrorFor is not null && name == NameOf(google.ErrorFor))
                return context.JsonAsync($$$"""{"name":"{{{name}}}","done":true,"error":{{{google.Error}}} }""");
            if (google.NoPointsFor is not null && name == NameOf(google.NoPointsFor))
                return context.JsonAsync($$$"""{"name":"{{{name}}}","done":true,"response":{"@type":"t","timeSeries":{} } }""");
            return context.JsonAsync(
                $$$"""{"name":"{{{name}}}","done":true,"response":{"@type":"t","timeSeries":{"points":[{{{google.Points}}}]} } }""");
        });
    }

    private static string NameOf(string term) => "v1alpha." + term.Replace(' ', '-');

    private sealed record Google
    {
        public string Points { get; init; } = """
            {"timeRange":{"startTime":"2026-04-05T00:00:00Z","endTime":"2026-04-12T00:00:00Z"},"searchInterest":65000,"scaledSearchInterest":100,"isPartial":false,"extendsPastRequestedTimeRange":false}
            """;

        public int PollsUntilDone { get; init; } = 1;

        public string? ErrorFor { get; init; }

        public string? Error { get; init; }

        public string? NoPointsFor { get; init; }

        public string? RefusedToken { get; init; }
    }
}
