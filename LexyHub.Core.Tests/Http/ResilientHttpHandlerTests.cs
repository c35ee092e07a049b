using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LexyHub.Core.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Tests.Http;

public sealed class ResilientHttpHandlerTests : IDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));
    private readonly AutoElapsingTime _time = new();
    private readonly CapturedLog _log = new();
    private readonly ResilientHttpOptions _options = new() { AttemptTimeout = TimeSpan.FromMinutes(10) };

    private CancellationToken Cancellation => _deadline.Token;

    public void Dispose() => _deadline.Dispose();

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(529)]
    public async Task SendAsync_TransientStatus_IsRepeated(int status)
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, before) => before == 0 ? context.StatusAsync(status) : context.JsonAsync("{}"));

        using var response = await GetAsync(server);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, server.Received.Count);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(501)]
    [InlineData(505)]
    public async Task SendAsync_FinalStatus_IsPassedOn(int status)
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, _) => context.StatusAsync(status, ("Location", "/elsewhere")));

        using var response = await GetAsync(server);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task SendAsync_EveryAttemptFails_PassesOnTheLastAnswer()
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, before) => context.JsonAsync($$"""{"message":"try {{before}}"}""", 503));

        using var response = await GetAsync(server);

        Assert.Equal(_options.MaxAttempts, server.Received.Count);
        Assert.Equal("""{"message":"try 3"}""", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task SendAsync_OneAttempt_IsNeverRepeated()
    {
        _options.MaxAttempts = 1;
        await using var server = await LoopbackServer.StartAsync((context, _, _) => context.StatusAsync(503));

        using var response = await GetAsync(server);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task SendAsync_NoWaitAskedFor_BacksOffTwiceAsLongEachTime()
    {
        _options.MaxAttempts = 6;
        _options.MaxBackoff = TimeSpan.FromSeconds(5);
        await using var server = await LoopbackServer.StartAsync((context, _, _) => context.StatusAsync(500));

        using var response = await GetAsync(server);

        double[] steps = [1, 2, 4, 5, 5];
        Assert.Equal(steps.Length, _time.Waits.Count);
        Assert.All(steps.Zip(_time.Waits), pair => Assert.InRange(pair.Second.TotalSeconds, pair.First / 2, pair.First));
    }

    [Theory]
    [InlineData(429, "Retry-After", "7", 7)]
    [InlineData(503, "Retry-After", "1.5", 1.5)]
    [InlineData(500, "Retry-After", "7", 7)]
    [InlineData(429, "Retry-After", "Wed, 15 Apr 2026 12:00:40 GMT", 40)]
    [InlineData(429, "retry-after-ms", "250", 0.25)]
    [InlineData(429, "x-ratelimit-reset", "51", 51)]
    [InlineData(429, "x-ratelimit-reset", "51.5", 51.5)]
    [InlineData(429, "x-ratelimit-reset", "1776254430", 30)]
    [InlineData(429, "x-ratelimit-reset-requests", "20ms", 0.02)]
    [InlineData(429, "x-ratelimit-reset-tokens", "1m3s", 63)]
    public async Task SendAsync_WaitAskedFor_IsWaitedForAndHardlyLonger(int status, string header, string value, double seconds)
    {
        // Kestrel's own Date is the real one; the service's clock is that of the test.
        await using var server = await LoopbackServer.StartAsync((context, _, before) => before == 0
            ? context.StatusAsync(status, (header, value), ("Date", _time.GetUtcNow().ToString("r")))
            : context.JsonAsync("{}"));

        using var response = await GetAsync(server);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange(Assert.Single(_time.Waits).TotalSeconds, seconds, seconds * 1.1);
    }

    [Fact]
    public async Task SendAsync_ErrorTextNamesTheWait_IsWaitedFor()
    {
        const string Body = """
            {"error":{"message":"Rate limit reached for text-embedding-3-large in organization org-XXXX on tokens per min (TPM): Limit 1000000, Used 982070, Requested 20872. Please try again in 176ms.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}
            """;
        await using var server = await LoopbackServer.StartAsync(
            (context, _, before) => before == 0 ? context.JsonAsync(Body, 429) : context.JsonAsync("{}"));

        using var response = await GetAsync(server);

        Assert.InRange(Assert.Single(_time.Waits).TotalMilliseconds, 176, 176 * 1.1);
    }

    [Theory]
    [InlineData("insufficient_quota")]
    [InlineData("quota_exceeded")]
    public async Task SendAsync_AccountUsedUp_IsNotRepeated(string code)
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, _) => context.JsonAsync($$$"""{"error":{"message":"m","type":null,"param":null,"code":"{{{code}}}"}}""", 429));

        using var response = await GetAsync(server);

        Assert.Single(server.Received);
        Assert.Contains(code, await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task SendAsync_WaitLongerThanTheDeadline_PassesOnTheAnswerAtOnce()
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, _) => context.StatusAsync(429, ("Retry-After", "60")));

        using (HttpDeadline.Use(_time.GetUtcNow().AddSeconds(59)))
        {
            using var response = await GetAsync(server);
            Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        }

        Assert.Single(server.Received);
        Assert.Empty(_time.Waits);
        Assert.Contains("is not repeated", _log.Text);
    }

    [Fact]
    public async Task SendAsync_WaitShorterThanTheDeadline_IsRepeated()
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, before) => before == 0 ? context.StatusAsync(429, ("Retry-After", "60")) : context.JsonAsync("{}"));

        using (HttpDeadline.Use(_time.GetUtcNow().AddSeconds(90)))
        using (await GetAsync(server))
            Assert.Equal(2, server.Received.Count);
    }

    // Azure has been seen to ask for a day.
    [Fact]
    public async Task SendAsync_WaitLongerThanIsEverWaited_PassesOnTheAnswerAtOnce()
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, _) => context.StatusAsync(429, ("Retry-After", "86400")));

        using var response = await GetAsync(server);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task SendAsync_CancelledWhileWaiting_StopsAtOnce()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var server = await LoopbackServer.StartAsync(
            (context, _, _) => context.StatusAsync(429, ("Retry-After", "60")));
        var time = new AutoElapsingTime(TimeSpan.Zero);
        using var client = CreateClient(time);

        var call = client.GetAsync(server.Address, caller.Token);
        while (!_log.Text.Contains("follows in", StringComparison.Ordinal))
            await Task.Delay(5, Cancellation);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task SendAsync_NoAnswerInTime_IsRepeated()
    {
        _options.AttemptTimeout = TimeSpan.FromSeconds(30);
        var hung = 0;
        await using var server = await LoopbackServer.StartAsync((context, _, before) =>
        {
            hung = before + 1;
            return before == 0 ? context.NeverAsync() : context.JsonAsync("{}");
        });
        var time = new AutoElapsingTime(TimeSpan.FromSeconds(5));
        using var client = CreateClient(time);

        var call = client.GetAsync(server.Address, Cancellation);
        while (Volatile.Read(ref hung) == 0)
            await Task.Delay(5, Cancellation);
        time.Advance(_options.AttemptTimeout);
        using var response = await call;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, server.Received.Count);
    }

    [Fact]
    public async Task SendAsync_NeverAnAnswerInTime_SaysSo()
    {
        _options.AttemptTimeout = TimeSpan.FromSeconds(30);
        _options.MaxAttempts = 2;
        await using var server = await LoopbackServer.StartAsync((context, _, _) => context.NeverAsync());

        var error = await Assert.ThrowsAsync<TimeoutException>(() => GetAsync(server));

        Assert.Equal("Test service did not answer within 30 s.", error.Message);
    }

    [Fact]
    public async Task SendAsync_NobodyListens_IsRepeatedThenThrown()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        using var client = CreateClient(_time);

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(address, Cancellation));

        Assert.Equal(HttpRequestError.ConnectionError, error.HttpRequestError);
        Assert.Equal(_options.MaxAttempts - 1, _time.Waits.Count);
    }

    [Fact]
    public async Task SendAsync_ConnectionBreaksBeforeTheAnswer_IsRepeated()
    {
        await using var server = await LoopbackServer.StartAsync((context, _, before) =>
        {
            if (before > 0)
                return context.JsonAsync("{}");
            context.Abort();
            return Task.CompletedTask;
        });

        using var response = await GetAsync(server);

        Assert.Equal(2, server.Received.Count);
    }

    [Fact]
    public async Task SendAsync_BodyBreaksOff_IsRepeated()
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, before) => before == 0 ? context.TruncatedAsync("""{"a":""") : context.JsonAsync("""{"a":1}"""));

        using var response = await GetAsync(server);

        Assert.Equal("""{"a":1}""", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task SendAsync_BodyTooLong_IsThrownAndNotRepeated()
    {
        _options.MaxResponseBytes = 1_024;
        await using var server = await LoopbackServer.StartAsync((context, _, _) => context.JsonAsync(new string(' ', 1_025)));

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(server));

        Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, error.HttpRequestError);
        Assert.Single(server.Received);
    }

    [Fact]
    public async Task SendAsync_BodyWithARequest_IsSentAgainInFull()
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, before) => before == 0 ? context.StatusAsync(500) : context.JsonAsync("{}"));
        using var client = CreateClient(_time);

        using var response = await client.PostAsync(server.Address, new StringContent("paid work"), Cancellation);

        Assert.Equal(["paid work", "paid work"], server.Received.Select(r => r.Body));
    }

    [Theory]
    [InlineData("status 500")]
    [InlineData("status 503")]
    [InlineData("status 408")]
    [InlineData("abort")]
    [InlineData("truncate")]
    public async Task SendAsync_OnceOnlyMayHaveTakenEffect_IsNotRepeated(string failure)
    {
        await using var server = await LoopbackServer.StartAsync((context, _, _) =>
        {
            if (failure.StartsWith("status ", StringComparison.Ordinal))
                return context.StatusAsync(int.Parse(failure.AsSpan(7), CultureInfo.InvariantCulture));
            if (failure == "truncate")
                return context.TruncatedAsync("{");
            context.Abort();
            return Task.CompletedTask;
        });
        using var client = CreateClient(_time);
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address) { Content = new StringContent("x") }.OnceOnly();

        _ = await Record.ExceptionAsync(() => client.SendAsync(request, Cancellation));

        Assert.Single(server.Received);
    }

    [Fact]
    public async Task SendAsync_OnceOnlyRefusedUnseen_IsRepeated()
    {
        await using var server = await LoopbackServer.StartAsync(
            (context, _, before) => before == 0 ? context.StatusAsync(429) : context.JsonAsync("{}"));
        using var client = CreateClient(_time);
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address).OnceOnly();

        using var response = await client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task SendAsync_Fails_LogsNoPathQueryHeaderOrBody()
    {
        await using var server = await LoopbackServer.StartAsync((context, _, _) => context.JsonAsync("""{"message":"SECRET-reply"}""", 500));
        using var client = CreateClient(_time);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "SECRET-path?key=SECRET-query"))
        {
            Content = new StringContent("SECRET-body"),
        };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer SECRET-header");

        using var response = await client.SendAsync(request, Cancellation);

        Assert.Contains("Test service: POST to 127.0.0.1 failed (status 500", _log.Text);
        Assert.DoesNotContain("SECRET", _log.Text);
    }

    private async Task<HttpResponseMessage> GetAsync(LoopbackServer server)
    {
        using var client = CreateClient(_time);
        return await client.GetAsync(server.Address, Cancellation);
    }

    private HttpClient CreateClient(TimeProvider time)
    {
        var factory = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        return new HttpClient(new ResilientHttpHandler("Test service", _options, time, factory.CreateLogger<ResilientHttpHandler>())
        {
            InnerHandler = ResilientHttpServiceCollectionExtensions.CreatePrimaryHandler(),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }
}
