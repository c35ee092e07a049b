using System.Text.Json;
using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Providers;

public sealed class ChatServiceTests
{
    private const string ContentFilter =
        """
        {"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,
        "param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":
        {"hate":{"filtered":false,"severity":"safe"},"violence":{"filtered":true,"severity":"high"}}}}}
        """;

    private static readonly JsonElement s_schema = JsonDocument.Parse(
        """{"type":"object","properties":{"label":{"type":"string"}},"required":["label"],"additionalProperties":false}""").RootElement;

    private static readonly ChatQuestion s_question = new("Name the group.", """["gold ring","silver ring"]""", "label", s_schema, 50);

    [Theory]
    [InlineData(Wire.OpenAI)]
    [InlineData(Wire.Azure)]
    public async Task AskAsync_EitherService_SendsAStrictSchemaAndReadsUsage(Wire wire)
    {
        await using var server = await ChatServer.StartAsync(wire, _ => """{"label":"Rings"}""");
        using var client = Client.For(server);

        var answer = await client.Service.AskAsync(s_question, default);

        Assert.Equal(new ChatAnswer(ChatOutcome.Complete, """{"label":"Rings"}""", null, 1, 6, 1), answer);
        var request = Assert.Single(server.Requests);
        Assert.Equal((s_question.Instructions, s_question.Data), (request.System, request.User));
        Assert.Equal(50, request.Body.GetProperty("max_completion_tokens").GetInt32());
        Assert.Equal(0, request.Body.GetProperty("temperature").GetDouble());
        Assert.Equal("label", request.Body.GetProperty("response_format").GetProperty("json_schema").GetProperty("name").GetString());
        Assert.Equal(wire == Wire.OpenAI, request.Body.TryGetProperty("model", out _));
        Assert.Equal(("gpt-4o-mini", 0.75m), (client.Service.Model, client.Service.CostOf(1_000_000, 1_000_000)));
    }

    [Fact]
    public async Task AskAsync_ModelWithoutTemperature_IsToldNone()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, _ => "{}");
        using var client = Client.For(server, ("Chat:Temperature", ""), ("Providers:ChatModel", "gpt-5-mini"));

        await client.Service.AskAsync(s_question, default);

        Assert.False(server.Requests[0].Body.TryGetProperty("temperature", out _));
        Assert.Equal("gpt-5-mini", server.Requests[0].Body.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("length", "{\"label\":\"Ri", null, ChatOutcome.Length)]
    [InlineData("content_filter", "", null, ChatOutcome.Filtered)]
    [InlineData("stop", null, "I cannot help with that, sk-test-0123456789.", ChatOutcome.Refused)]
    [InlineData("stop", null, null, ChatOutcome.Unusable)]
    [InlineData("tool_calls", "{}", null, ChatOutcome.Unusable)]
    public async Task AskAsync_AnswerThatIsNotComplete_SaysHowItEnded(string reason, string? content, string? refusal, ChatOutcome outcome)
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, _ => "", request => request.CompleteAsync(content, reason, refusal));
        using var client = Client.For(server);

        var answer = await client.Service.AskAsync(s_question, default);

        Assert.Equal(outcome, answer.Outcome);
        Assert.Equal(content ?? "", answer.Text);
        Assert.Equal(6, answer.InputTokens);
        Assert.DoesNotContain(ChatServer.Key, answer.Reason, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(400, ContentFilter, ChatOutcome.Filtered)]
    [InlineData(400, """{"error":{"message":"This model's maximum context length is 128000 tokens.","param":"messages","code":"context_length_exceeded"}}""", ChatOutcome.TooLarge)]
    [InlineData(413, "<html>too large</html>", ChatOutcome.TooLarge)]
    [InlineData(400, """{"error":{"message":"Invalid prompt.","code":"invalid_prompt"}}""", ChatOutcome.Rejected)]
    [InlineData(200, "[]", ChatOutcome.Unusable)]
    [InlineData(200, """{"choices":[]}""", ChatOutcome.Unusable)]
    [InlineData(200, """{"choices":[{"message":"hello"}]}""", ChatOutcome.Unusable)]
    [InlineData(200, """{"choices":[{"mess""", ChatOutcome.Unusable)]
    public async Task AskAsync_RefusalOfOneQuestion_IsAnOutcomeAndNotRepeated(int status, string body, ChatOutcome outcome)
    {
        await using var server = await ChatServer.StartAsync(Wire.Azure, _ => "", request => request.AnswerAsync(status, body));
        using var client = Client.For(server);

        Assert.Equal(outcome, (await client.Service.AskAsync(s_question, default)).Outcome);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(Wire.OpenAI, 401, """{"error":{"message":"Incorrect API key provided: sk-test-0123456789.","code":"invalid_api_key"}}""", "provider-unauthorized")]
    [InlineData(Wire.OpenAI, 429, """{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}""", "provider-quota-exhausted")]
    [InlineData(Wire.Azure, 404, """{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}""", "provider-deployment-not-found")]
    [InlineData(Wire.OpenAI, 400, """{"error":{"message":"'temperature' does not support 0 with this model.","param":"temperature","code":"unsupported_value"}}""", "provider-refused")]
    [InlineData(Wire.OpenAI, 404, """{"error":{"message":"The model does not exist.","param":null,"code":"model_not_found"}}""", "provider-refused")]
    public async Task AskAsync_RefusalThatNoRetryHelps_EndsAtOnceWithoutSecrets(Wire wire, int status, string body, string code)
    {
        await using var server = await ChatServer.StartAsync(wire, _ => "", request => request.AnswerAsync(status, body));
        using var client = Client.For(server);

        var error = await Assert.ThrowsAsync<JobException>(() => client.Service.AskAsync(s_question, default));

        Assert.Equal((code, 502), (error.Code, error.StatusCode));
        Assert.DoesNotContain(ChatServer.Key, error.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        if (code == "provider-deployment-not-found")
            Assert.Contains("Providers:AzureChatDeployment", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskAsync_PassingTrouble_IsRepeatedBelow()
    {
        await using var server = await ChatServer.StartAsync(
            Wire.OpenAI, _ => "{}", async request => request.Number < 2 && await request.AnswerAsync(503, "busy"));
        using var client = Client.For(server);

        var answer = await client.Service.AskAsync(s_question, default);

        Assert.Equal((ChatOutcome.Complete, 3), (answer.Outcome, answer.Requests));
    }

    [Fact]
    public async Task AskAsync_ServiceThatOnlyFails_GivesUpAfterAFew()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, _ => "", request => request.AnswerAsync(500, "oops"));
        using var client = Client.For(server, ("Http:MaxAttempts", "1"));

        for (var i = 0; i < 4; i++)
            Assert.Equal(ChatOutcome.Failed, (await client.Service.AskAsync(s_question, default)).Outcome);
        var error = await Assert.ThrowsAsync<JobException>(() => client.Service.AskAsync(s_question, default));

        Assert.Equal(("provider-failing", 503), (error.Code, error.StatusCode));
    }

    [Fact]
    public async Task AskAsync_WaitBeyondTheDeadline_IsRateLimited()
    {
        await using var server = await ChatServer.StartAsync(
            Wire.OpenAI, _ => "",
            request => request.AnswerAsync(429, """{"error":{"message":"Rate limit reached.","code":"rate_limit_exceeded"}}""", ("Retry-After", "60")));
        using var client = Client.For(server);

        using var deadline = HttpDeadline.Use(TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(30));
        var error = await Assert.ThrowsAsync<RemoteServiceException>(() => client.Service.AskAsync(s_question, default));

        Assert.Equal("rate-limited", error.Code);
    }

    [Fact]
    public async Task AskAsync_QuestionOverTheServicesLimit_IsGivenBackToBeDivided()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, _ => "{}", request =>
        {
            request.Http.Response.Headers["x-ratelimit-limit-tokens"] = "100";
            request.Http.Response.Headers["x-ratelimit-remaining-tokens"] = "100";
            request.Http.Response.Headers["x-ratelimit-reset-tokens"] = "1ms";
            return Task.FromResult(false);
        });
        using var client = Client.For(server);

        await client.Service.AskAsync(s_question, default);
        var answer = await client.Service.AskAsync(s_question with { CanBeDivided = true }, default);

        Assert.Equal((ChatOutcome.TooLarge, 0), (answer.Outcome, answer.Requests));
    }

    [Fact]
    public async Task AskAsync_BudgetThatEnds_LetsTheAnswerUnderWayComeAndBeginsNoOther()
    {
        using var budget = new CancellationTokenSource();
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, _ => "{}", async _ =>
        {
            await budget.CancelAsync();
            return false;
        });
        using var client = Client.For(server);

        Assert.Equal(ChatOutcome.Complete, (await client.Service.AskAsync(s_question, budget.Token)).Outcome);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Service.AskAsync(s_question, budget.Token));
        Assert.Single(server.Requests);
    }

    [Fact]
    public void Resolve_LocalProvider_HasNoChatModel()
    {
        using var client = Client.For([("Providers:Mode", "local")]);

        Assert.Null(client.Factory.Resolve());
    }

    private sealed class Client(ServiceProvider services) : IDisposable
    {
        public IChatServiceFactory Factory => services.GetRequiredService<IChatServiceFactory>();

        public IChatService Service => Factory.Resolve()!;

        public static Client For(ChatServer server, params (string Key, string Value)[] settings)
            => For([.. server.Settings.Select(setting => (setting.Key, setting.Value!)), .. settings]);

        public static Client For((string Key, string Value)[] settings)
        {
            var values = new Dictionary<string, string?> { ["Http:BaseDelay"] = "00:00:00.010", ["Http:MaxBackoff"] = "00:00:00.020" };
            foreach (var (key, value) in settings)
                values[key] = value;
            return new Client(new ServiceCollection()
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(values).Build())
                .AddLogging()
                .AddChatProviders()
                .BuildServiceProvider());
        }

        public void Dispose() => services.Dispose();
    }
}
