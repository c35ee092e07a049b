using LexyHub.Core.Embeddings;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Http;
using static LexyHub.Core.Tests.Embeddings.EmbeddingServer;

namespace LexyHub.Core.Tests.Embeddings;

public sealed class EmbeddingServiceTests
{
    private const string ContentFilter =
        """
        {"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,
        "param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":
        {"hate":{"filtered":false,"severity":"safe"},"violence":{"filtered":true,"severity":"high"}}}}}
        """;

    private const string RateLimited =
        """{"error":{"message":"Rate limit reached on tokens per min (TPM).","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""";

    private static readonly string[] s_one = ["gold hoop earrings"];

    private static readonly Wire[] s_wires = [Wire.OpenAI, Wire.Azure];

    public static TheoryData<Wire, int> PassingTrouble => Over([408, 409, 500, 503]);

    public static TheoryData<Wire, string> NoAnswers => Over(
    [
        "", "<html>", "[]", """{"data":5}""", """{"object":"list"}""", """{"data":[{"index":"0","embedding":[1]}]}""",
        """{"data":[{"index":0,"embedding":"!!!!"}]}""", """{"data":[{"index":0}]}""", """{"data":[{"embedding":[1,2,3,4,5,6,7,8]}]}""",
    ]);

    public static TheoryData<Wire, bool, string, string> WrongAnswers
    {
        get
        {
            var data = new TheoryData<Wire, bool, string, string>();
            foreach (var (fault, message) in ((string, string)[])[
                ("missing", "it has 1 vectors for 2 texts"),
                ("twice", "index 0 twice"),
                ("beyond", "it has index 2 for 2 texts"),
                ("short", "7 dimensions instead of 8"),
                ("long", "9 dimensions instead of 8"),
                ("infinite", "values that are not finite"),
                ("zero", "has no length")])
            {
                foreach (var wire in s_wires)
                {
                    data.Add(wire, false, fault, message);
                    data.Add(wire, true, fault, message);
                }
            }

            return data;
        }
    }

    [Theory]
    [InlineData(Wire.OpenAI, false)]
    [InlineData(Wire.OpenAI, true)]
    [InlineData(Wire.Azure, false)]
    [InlineData(Wire.Azure, true)]
    public async Task EmbedAsync_EitherServiceAndEncoding_PairsByIndexAndAsksForBase64(Wire wire, bool floats)
    {
        await using var server = await StartAsync(wire, floats: floats);
        using var client = EmbeddingClient.For(server);

        var outcome = (await client.EmbedAsync(["gold hoop earrings", "wool scarf", "Ärmel · 日本"])).WithoutError();

        Assert.Equal("base64", Assert.Single(server.Requests).EncodingFormat);
        Assert.Equal(EmbeddingClient.Dimensions, server.Requests[0].Dimensions);
        Assert.Equal(["k0", "k1", "k2"], outcome.Embedded.Select(text => text.Input.Key).Order());
        Assert.All(outcome.Embedded, text => Assert.Equal(VectorOf(text.Input.Text, EmbeddingClient.Dimensions), text.Vector.ToArray()));
        Assert.Equal(8, outcome.Tokens);
        Assert.Equal(1, outcome.Requests);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_EqualTexts_AreSentOnceAndComeOutForEachKey(Wire wire)
    {
        await using var server = await StartAsync(wire);
        using var client = EmbeddingClient.For(server);

        var outcome = (await client.EmbedAsync(["ring", "scarf", "ring", "ring"])).WithoutError();

        Assert.Equal(["ring", "scarf"], server.Requests.SelectMany(request => request.Input).Order());
        Assert.Equal(["k0", "k1", "k2", "k3"], outcome.Embedded.Select(text => text.Input.Key).Order());
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_TextOverTheLimit_IsCutAtATokenAndSaysSo(Wire wire)
    {
        await using var server = await StartAsync(wire);
        using var client = EmbeddingClient.For(server);

        var outcome = (await client.EmbedAsync([string.Concat(Enumerable.Repeat("earring ", 9_000)), "ring"])).WithoutError();

        var cut = Assert.Single(outcome.Embedded, text => text.Truncated);
        Assert.InRange(cut.Tokens, 8_185, 8_191);
        Assert.Equal(cut.Input.Text[..server.Requests[0].Input.Max(text => text.Length)], server.Requests[0].Input.MaxBy(text => text.Length));
        Assert.False(Assert.Single(outcome.Embedded, text => text.Input.Key == "k1").Truncated);
    }

    [Theory]
    [MemberData(nameof(PassingTrouble))]
    public async Task EmbedAsync_PassingTrouble_IsRepeated(Wire wire, int status)
    {
        await using var server = await StartAsync(
            wire, async request => request.Number == 0 && await AnswerAsync(request, status, """{"error":{"code":"x","message":"busy"}}"""));
        using var client = EmbeddingClient.For(server);

        var outcome = (await client.EmbedAsync(s_one)).WithoutError();

        Assert.Single(outcome.Embedded);
        Assert.Equal(2, server.Requests.Count);
        Assert.Equal(2, outcome.Requests);
    }

    // The SDK repeats too unless it is told not to, which shows only where the trouble outlasts our own repetitions.
    [Theory]
    [MemberData(nameof(PassingTrouble))]
    public async Task EmbedAsync_TroubleThatStays_IsRepeatedByOneLayerOnlyAndFailsItsBatch(Wire wire, int status)
    {
        await using var server = await StartAsync(wire, request => AnswerAsync(request, status, "oops"));
        using var client = EmbeddingClient.For(server, settings: ("Http:MaxAttempts", "3"));

        var outcome = (await client.EmbedAsync(s_one)).WithoutError();

        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(3, outcome.Requests);
        Assert.Contains($"{status}", Assert.Single(outcome.Failed).Reason, StringComparison.Ordinal);
        Assert.Empty(outcome.Rejected);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_ConnectionThatAlwaysBreaks_IsRepeatedByOneLayerOnlyAndFailsItsBatch(Wire wire)
    {
        await using var server = await StartAsync(wire, request =>
        {
            request.Http.Abort();
            return Task.FromResult(true);
        });
        using var client = EmbeddingClient.For(server, settings: ("Http:MaxAttempts", "3"));

        var outcome = (await client.EmbedAsync(s_one)).WithoutError();

        Assert.Equal(3, server.Requests.Count);
        Assert.Single(outcome.Failed);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_TextsOfEveryShape_KeepsAllLimitsOfEachRequest(Wire wire)
    {
        await using var server = await StartAsync(wire);
        using var client = EmbeddingClient.For(server);

        // Few bytes, few tokens for their bytes, many tokens for their bytes: each meets another limit first.
        var texts = Enumerable.Range(0, 5_000).Select(i => $"{i}")
            .Concat(Enumerable.Range(0, 200).Select(i => i + string.Concat(Enumerable.Repeat(" internationalization", 700))))
            .Concat(Enumerable.Range(0, 200).Select(i => i + string.Concat(Enumerable.Repeat(" 9 8 7", 700))))
            .ToList();
        var outcome = (await client.EmbedAsync(texts)).WithoutError();

        Assert.Equal(texts.Count, outcome.Embedded.Count);
        var tokenizer = Microsoft.ML.Tokenizers.TiktokenTokenizer.CreateForEncoding("cl100k_base");
        Assert.All(server.Requests, request =>
        {
            Assert.InRange(request.Input.Count, 1, 2_048);
            Assert.InRange(request.Input.Sum(text => tokenizer.CountTokens(text)), 1, 300_000);
            Assert.InRange(request.Input.Sum(text => System.Text.Encoding.UTF8.GetByteCount(text)), 1, 1_200_000);
        });
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_LargeBacklog_IsReadNoFurtherAheadThanItsWindow(Wire wire)
    {
        const int backlog = 5 * EmbeddingRun.WindowInputs;
        var read = 0;
        var ahead = new System.Collections.Concurrent.ConcurrentQueue<int>();
        await using var server = await StartAsync(wire, request =>
        {
            ahead.Enqueue(Volatile.Read(ref read) - (request.Number * 2_048));
            return Task.FromResult(false);
        });
        using var client = EmbeddingClient.For(server, null, ("Embeddings:MaxConcurrency", "1"));

        var outcome = (await client.EmbedAsync(Enumerable.Range(0, backlog).Select(i =>
        {
            Interlocked.Increment(ref read);
            return $"term {i}";
        }))).WithoutError();

        // Beside the window: the request itself, and one that is packed.
        Assert.Equal(backlog, outcome.Embedded.Count);
        Assert.All(ahead, texts => Assert.InRange(texts, 1, EmbeddingRun.WindowInputs + (3 * 2_048)));
    }

    [Theory]
    [InlineData(Wire.OpenAI, false)]
    [InlineData(Wire.OpenAI, true)]
    [InlineData(Wire.Azure, false)]
    [InlineData(Wire.Azure, true)]
    public async Task EmbedAsync_ConnectionThatBreaksInTheAnswer_IsRepeated(Wire wire, bool floats)
    {
        await using var server = await StartAsync(
            wire,
            async request =>
            {
                if (request.Number > 0)
                    return false;

                // In the middle of a vector.
                var body = BodyOf(request, floats);
                await request.Http.TruncatedAsync(body[..(body.LastIndexOf("\"embedding\":", StringComparison.Ordinal) + 20)]);
                return true;
            },
            floats);
        using var client = EmbeddingClient.For(server);

        var outcome = (await client.EmbedAsync(["ring", "scarf"])).WithoutError();

        Assert.All(outcome.Embedded, text => Assert.Equal(VectorOf(text.Input.Text, EmbeddingClient.Dimensions), text.Vector.ToArray()));
        Assert.Equal(2, outcome.Embedded.Count);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_NoAnswerInTime_IsRepeated(Wire wire)
    {
        await using var server = await StartAsync(wire, async request =>
        {
            if (request.Number > 0)
                return false;

            await request.Http.NeverAsync();
            return true;
        });
        using var client = EmbeddingClient.For(server, settings: ("Embeddings:RequestTimeout", "00:00:01"));

        Assert.Single((await client.EmbedAsync(s_one)).WithoutError().Embedded);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(Wire.OpenAI, "retry-after-ms", "1500", 1_500)]
    [InlineData(Wire.OpenAI, "Retry-After", "3", 3_000)]
    [InlineData(Wire.OpenAI, "x-ratelimit-reset-tokens", "1m3s", 63_000)]
    [InlineData(Wire.Azure, "retry-after-ms", "1500", 1_500)]
    [InlineData(Wire.Azure, "Retry-After", "3", 3_000)]
    [InlineData(Wire.Azure, "x-ratelimit-reset-tokens", "63", 63_000)]
    public async Task EmbedAsync_RateLimitThatNamesAWait_WaitsThatLong(Wire wire, string header, string value, int milliseconds)
    {
        await using var server = await StartAsync(
            wire, async request => request.Number == 0 && await AnswerAsync(request, 429, RateLimited, (header, value)));
        var time = new AutoElapsingTime(TimeSpan.FromMinutes(2));
        using var client = EmbeddingClient.For(server, time, ("Embeddings:RequestTimeout", "00:05:00"));

        Assert.Single((await client.EmbedAsync(s_one)).WithoutError().Embedded);

        Assert.Equal(2, server.Requests.Count);
        Assert.InRange(time.Waits.Max().TotalMilliseconds, milliseconds, (milliseconds * 1.1) + 1);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_RateLimitThatOutlastsTheRun_EndsAsRateLimited(Wire wire)
    {
        await using var server = await StartAsync(
            wire,
            request => AnswerAsync(
                request, 429, """{"error":{"code":"429","message":"Please retry after 86400 seconds."}}""", ("Retry-After", "86400")));
        using var client = EmbeddingClient.For(server);

        var outcome = await client.EmbedAsync(s_one);

        var error = Assert.IsType<RemoteServiceException>(outcome.Error);
        Assert.Equal("rate-limited", error.Code);
        Assert.Equal(TimeSpan.FromDays(1), error.RetryAfter);
        Assert.Single(server.Requests);
        Assert.Empty(outcome.Failed);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_WaitBeyondTheDeadline_IsNotBegun(Wire wire)
    {
        await using var server = await StartAsync(wire, request => AnswerAsync(request, 429, RateLimited, ("Retry-After", "60")));
        using var client = EmbeddingClient.For(server);

        using var deadline = HttpDeadline.Use(TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30));
        var outcome = await client.EmbedAsync(s_one);

        Assert.Equal("rate-limited", Assert.IsType<RemoteServiceException>(outcome.Error).Code);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(Wire.OpenAI, 401, """{"error":{"message":"Incorrect API key provided: sk-test-0123456789.","code":"invalid_api_key"}}""", "provider-unauthorized")]
    [InlineData(Wire.Azure, 401, """{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}""", "provider-unauthorized")]
    [InlineData(Wire.Azure, 429, """{"error":{"code":"insufficient_quota","message":"You exceeded your current quota."}}""", "provider-quota-exhausted")]
    [InlineData(Wire.OpenAI, 404, """{"error":{"message":"The model does not exist.","type":"invalid_request_error","code":"model_not_found"}}""", "provider-refused")]
    [InlineData(Wire.OpenAI, 429, """{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}""", "provider-quota-exhausted")]
    [InlineData(Wire.Azure, 404, """{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}""", "provider-deployment-not-found")]
    [InlineData(Wire.OpenAI, 400, """{"error":{"message":"Invalid value for 'dimensions'","param":"dimensions","code":null}}""", "provider-refused")]
    public async Task EmbedAsync_RefusalThatNoRetryHelps_EndsAtOnceWithoutSecrets(Wire wire, int status, string body, string code)
    {
        await using var server = await StartAsync(wire, request => AnswerAsync(request, status, body));
        using var client = EmbeddingClient.For(server);

        var outcome = await client.EmbedAsync(["ring", "scarf"]);

        var error = Assert.IsType<JobException>(outcome.Error);
        Assert.Equal((code, 502), (error.Code, error.StatusCode));
        Assert.Single(server.Requests);
        Assert.DoesNotContain(Key, error.Message, StringComparison.Ordinal);
        Assert.Empty(outcome.Rejected);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_ServiceThatOnlyFails_GivesUpBeforeTheBacklogIsThrough(Wire wire)
    {
        await using var server = await StartAsync(wire, request => AnswerAsync(request, 500, "oops"));
        using var client = EmbeddingClient.For(
            server, null, ("Http:MaxAttempts", "1"), ("Embeddings:MaxInputsPerRequest", "1"), ("Embeddings:MaxConcurrency", "1"));

        var outcome = await client.EmbedAsync(Enumerable.Range(0, 50).Select(i => $"term {i}"));

        Assert.Equal(("provider-failing", 503), (Assert.IsType<JobException>(outcome.Error).Code, ((JobException)outcome.Error).StatusCode));
        Assert.Equal(5, server.Requests.Count);
        Assert.Equal(5, outcome.Failed.Count);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_OneBadTextAmongMany_StandsAloneAfterFewRequests(Wire wire)
    {
        await using var server = await StartAsync(
            wire, async request => request.Input.Contains("term 700") && await AnswerAsync(request, 400, ContentFilter));
        using var client = EmbeddingClient.For(server);

        var outcome = (await client.EmbedAsync(Enumerable.Range(0, 1_024).Select(i => $"term {i}"))).WithoutError();

        var rejected = Assert.Single(outcome.Rejected);
        Assert.Equal("k700", rejected.Input.Key);
        Assert.Contains("content_filter [violence (high)]", rejected.Reason, StringComparison.Ordinal);
        Assert.Equal(1_023, outcome.Embedded.Count);

        // The whole, and two for each of the ten halvings.
        Assert.Equal(21, server.Requests.Count);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_BodyTooLarge_IsDividedUntilItFits(Wire wire)
    {
        await using var server = await StartAsync(
            wire, async request => request.Input.Count > 25 && await AnswerAsync(request, 413, "<html>too large</html>"));
        using var client = EmbeddingClient.For(server);

        var outcome = (await client.EmbedAsync(Enumerable.Range(0, 100).Select(i => $"term {i}"))).WithoutError();

        Assert.Equal(100, outcome.Embedded.Count);
        Assert.Equal(7, server.Requests.Count);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_EveryTextRefused_BlamesTheServiceAndNoText(Wire wire)
    {
        await using var server = await StartAsync(
            wire, request => AnswerAsync(request, 400, """{"error":{"message":"No.","code":"strange"}}"""));
        using var client = EmbeddingClient.For(server);

        var outcome = await client.EmbedAsync(Enumerable.Range(0, 100).Select(i => $"term {i}"));

        Assert.Equal("provider-refused", Assert.IsType<JobException>(outcome.Error).Code);
        Assert.Empty(outcome.Rejected);
        Assert.InRange(server.Requests.Count, 1, 50);
    }

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public async Task EmbedAsync_WrongAnswer_IsAskedForAgainAndThenFailsSayingWhatWasWrong(Wire wire, bool floats, string fault, string message)
    {
        await using var server = await StartAsync(wire, async request =>
        {
            await AnswerAsync(request, floats, items => fault switch
            {
                "missing" => [items[0]],
                "twice" => [items[0], items[1] with { Index = 0 }],
                "beyond" => [items[0], items[1] with { Index = 2 }],
                "short" => [items[0], items[1] with { Vector = items[1].Vector[..7] }],
                "long" => [items[0], items[1] with { Vector = [.. items[1].Vector, 1] }],
                "infinite" => [items[0], items[1] with { Vector = [.. items[1].Vector[..7], float.PositiveInfinity] }],
                _ => [items[0], items[1] with { Vector = new float[8] }],
            });
            return true;
        });
        using var client = EmbeddingClient.For(server, new AutoElapsingTime(TimeSpan.FromSeconds(5)));

        var outcome = (await client.EmbedAsync(["ring", "scarf"])).WithoutError();

        Assert.Equal(3, server.Requests.Count);
        Assert.Empty(outcome.Embedded);
        Assert.Contains(message, Assert.Single(outcome.Failed).Reason, StringComparison.Ordinal);
        Assert.Equal(2, outcome.Failed[0].Inputs.Count);
    }

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public async Task EmbedAsync_AnswerThatIsNone_IsAskedForAgain(Wire wire, string body)
    {
        await using var server = await StartAsync(wire, async request => request.Number == 0 && await AnswerAsync(request, 200, body));
        using var client = EmbeddingClient.For(server, new AutoElapsingTime(TimeSpan.FromSeconds(5)));

        Assert.Single((await client.EmbedAsync(s_one)).WithoutError().Embedded);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_BudgetThatEnds_LetsTheAnswerUnderWayComeAndBeginsNoOther(Wire wire)
    {
        using var budget = new CancellationTokenSource();
        await using var server = await StartAsync(wire, async request =>
        {
            await budget.CancelAsync();
            return false;
        });
        using var client = EmbeddingClient.For(server, null, ("Embeddings:MaxInputsPerRequest", "10"));

        var outcome = await client.EmbedAsync(Enumerable.Range(0, 100).Select(i => $"term {i}"), budget.Token);

        Assert.IsAssignableFrom<OperationCanceledException>(outcome.Error);
        Assert.Equal(10, outcome.Embedded.Count);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_EnumerationGivenUp_EndsTheRequestsUnderWay(Wire wire)
    {
        var gone = new TaskCompletionSource();
        await using var server = await StartAsync(wire, async request =>
        {
            if (request.Number == 0)
                return false;

            await request.Http.NeverAsync();
            gone.TrySetResult();
            return true;
        });
        using var client = EmbeddingClient.For(server, null, ("Embeddings:MaxInputsPerRequest", "1"));

        await foreach (var result in client.Service.EmbedAsync(EmbeddingClient.Inputs(["ring", "scarf"]), default))
        {
            Assert.Single(result.Embedded);
            break;
        }

        // Whether the second was sent by then is chance.
        if (server.Requests.Count > 1)
            await gone.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_ServiceThatTakesEverything_SendsMoreAtOnceUpToTheCeiling(Wire wire)
    {
        var held = new TaskCompletionSource();
        EmbeddingServer server = null!;
        server = await StartAsync(wire, async request =>
        {
            // One, two, four at once: at the seventh, four are under way.
            if (request.Number < 7)
                return false;

            if (server.MostAtOnce >= 4)
                held.TrySetResult();
            await held.Task.WaitAsync(TimeSpan.FromSeconds(30));
            return false;
        });
        await using var _ = server;
        using var client = EmbeddingClient.For(server, null, ("Embeddings:MaxInputsPerRequest", "1"), ("Embeddings:MaxConcurrency", "4"));

        var outcome = (await client.EmbedAsync(Enumerable.Range(0, 40).Select(i => $"term {i}"))).WithoutError();

        Assert.Equal(40, outcome.Embedded.Count);
        Assert.Equal(4, server.MostAtOnce);
        Assert.Equal(4, client.Pace.Window);
    }

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task EmbedAsync_LimitSmallerThanARequest_DividesIt(Wire wire)
    {
        (string, string)[] headers =
            [("x-ratelimit-limit-tokens", "100"), ("x-ratelimit-remaining-tokens", "100"), ("x-ratelimit-reset-tokens", "1ms"), ("retry-after-ms", "1")];
        await using var server = await StartAsync(wire, async request =>
        {
            if (request.Input.Sum(text => text.Split(' ').Length) > 100)
                return await AnswerAsync(request, 429, RateLimited, headers);

            foreach (var (name, value) in headers)
                request.Http.Response.Headers[name] = value;
            return false;
        });
        using var client = EmbeddingClient.For(server);

        var outcome = (await client.EmbedAsync(Enumerable.Range(0, 100).Select(i => $"term {i}"))).WithoutError();

        Assert.Equal(100, outcome.Embedded.Count);
        Assert.InRange(server.Requests.Max(request => request.Number == 0 ? 0 : request.Input.Sum(text => text.Split(' ').Length)), 1, 20);
    }

    [Fact]
    public async Task EmbedAsync_AzureWithoutAKey_SendsTheIdentitysToken()
    {
        await using var server = await StartAsync(Wire.Azure);
        using var client = EmbeddingClient.For(server, settings: ("AZURE_OPENAI_API_KEY", ""));
        client.Identity = new FixedIdentity("entra-token");

        Assert.Single((await client.EmbedAsync(s_one)).WithoutError().Embedded);
        Assert.Equal("Bearer entra-token", server.Received[0].Headers["Authorization"]);
        Assert.False(server.Received[0].Headers.ContainsKey("api-key"));
    }

    [Fact]
    public async Task EmbedAsync_AzureIdentityThatFails_SaysWhatToDo()
    {
        await using var server = await StartAsync(Wire.Azure);
        using var client = EmbeddingClient.For(server, settings: ("AZURE_OPENAI_API_KEY", ""));
        client.Identity = new FixedIdentity(null);

        var error = Assert.IsType<JobException>((await client.EmbedAsync(s_one)).Error);

        Assert.Equal("provider-unauthorized", error.Code);
        Assert.Empty(server.Requests);
    }

    private static TheoryData<Wire, T> Over<T>(T[] values)
    {
        var data = new TheoryData<Wire, T>();
        foreach (var wire in s_wires)
        {
            foreach (var value in values)
                data.Add(wire, value);
        }

        return data;
    }

    private sealed class FixedIdentity(string? token) : Azure.Core.TokenCredential
    {
        public override Azure.Core.AccessToken GetToken(Azure.Core.TokenRequestContext requestContext, CancellationToken cancellationToken)
            => token is null
                ? throw new Azure.Identity.CredentialUnavailableException("nobody is signed in")
                : new Azure.Core.AccessToken(token, DateTimeOffset.MaxValue);

        public override ValueTask<Azure.Core.AccessToken> GetTokenAsync(
            Azure.Core.TokenRequestContext requestContext, CancellationToken cancellationToken)
            => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
