using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Providers;

/// <summary>One request as the service understood it.</summary>
/// <param name="Number">How many came before it.</param>
internal sealed record ChatRequest(HttpContext Http, string System, string User, JsonElement Schema, JsonElement Body, int Number)
{
    /// <summary>Answers with the refusal, in either service's shape.</summary>
    public async Task<bool> AnswerAsync(int status, string body, params (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
            Http.Response.Headers[name] = value;
        await Http.JsonAsync(body, status);
        return true;
    }

    /// <summary>Answers 200 with what the model wrote.</summary>
    public async Task<bool> CompleteAsync(string? content, string finishReason = "stop", string? refusal = null)
    {
        await Http.JsonAsync(new JsonObject
        {
            ["id"] = $"chatcmpl-{Number}",
            ["object"] = "chat.completion",
            ["created"] = 1_760_000_000,
            ["model"] = "gpt-4o-mini-2024-07-18",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = content, ["refusal"] = refusal },
                ["logprobs"] = null,
                ["finish_reason"] = finishReason,
            }),
            ["usage"] = new JsonObject
            {
                ["prompt_tokens"] = InputTokens,
                ["completion_tokens"] = TokensOf(content ?? refusal ?? ""),
                ["total_tokens"] = InputTokens + TokensOf(content ?? refusal ?? ""),
            },
        }.ToJsonString());
        return true;
    }

    public int InputTokens => TokensOf(System) + TokensOf(User);

    /// <summary>As this service counts.</summary>
    public static int TokensOf(string text) => text.Split(' ').Length;
}

/// <summary>
/// <c>POST /chat/completions</c> of OpenAI and of Azure OpenAI on this machine, with structured output. Refuses what they refuse:
/// another path, version or key, a schema that strict mode does not take. What the model writes is up to the test.
/// </summary>
internal sealed class ChatServer : IAsyncDisposable
{
    public const string Key = "sk-test-0123456789";
    public const string Deployment = "small-talk";

    // As documented for structured outputs.
    private static readonly string[] s_unsupported =
        ["minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "patternProperties"];

    private readonly Func<ChatRequest, Task<bool>>? _before;
    private readonly Func<ChatRequest, string> _model;
    private readonly ConcurrentQueue<ChatRequest> _requests = new();
    private LoopbackServer _server = null!;
    private int _atOnce;

    private ChatServer(Wire wire, Func<ChatRequest, string> model, Func<ChatRequest, Task<bool>>? before)
    {
        Wire = wire;
        _model = model;
        _before = before;
    }

    public Wire Wire { get; }

    public Uri Address => Wire == Wire.OpenAI ? new Uri(_server.Address, "v1") : _server.Address;

    public IReadOnlyList<ChatRequest> Requests => [.. _requests];

    public IReadOnlyList<ReceivedRequest> Received => _server.Received;

    public int MostAtOnce { get; private set; }

    /// <summary>The settings with which a host asks this server.</summary>
    public IReadOnlyDictionary<string, string?> Settings => Wire == Wire.OpenAI
        ? new Dictionary<string, string?> { ["OPENAI_API_KEY"] = Key, ["OPENAI_BASE_URL"] = Address.ToString() }
        : new Dictionary<string, string?>
        {
            ["AZURE_OPENAI_API_KEY"] = Key,
            ["AZURE_OPENAI_ENDPOINT"] = Address.ToString(),
            ["Providers:AzureChatDeployment"] = Deployment,
        };

    /// <param name="model">What it writes.</param>
    /// <param name="before">Returns true where it has answered in the model's stead.</param>
    public static async Task<ChatServer> StartAsync(Wire wire, Func<ChatRequest, string> model, Func<ChatRequest, Task<bool>>? before = null)
    {
        var server = new ChatServer(wire, model, before);
        server._server = await LoopbackServer.StartAsync(server.AnswerAsync);
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext http, ReceivedRequest received, int number)
    {
        lock (_requests)
            MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
        try
        {
            var expected = Wire == Wire.OpenAI
                ? "/v1/chat/completions"
                : $"/openai/deployments/{Deployment}/chat/completions?api-version=2024-10-21";
            var authorized = Wire == Wire.OpenAI
                ? received.Headers.GetValueOrDefault("Authorization") == $"Bearer {Key}"
                : received.Headers.GetValueOrDefault("api-key") == Key;
            if (received.Method != "POST" || received.Target != expected)
                await http.JsonAsync("""{"error":{"code":"404","message":"Resource not found"}}""", 404);
            else if (!authorized)
                await http.JsonAsync("""{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""", 401);
            else
                await AnswerAsync(http, JsonDocument.Parse(received.Body).RootElement, number);
        }
        finally
        {
            lock (_requests)
                _atOnce--;
        }
    }

    private async Task AnswerAsync(HttpContext http, JsonElement body, int number)
    {
        var messages = body.GetProperty("messages").EnumerateArray().ToList();
        var format = body.GetProperty("response_format");
        var schema = format.GetProperty("json_schema");
        var request = new ChatRequest(
            http, ContentOf(messages, "system"), ContentOf(messages, "user"), schema.GetProperty("schema"), body, number);
        _requests.Enqueue(request);
        if (format.GetProperty("type").GetString() != "json_schema" || !schema.GetProperty("strict").GetBoolean())
            await request.AnswerAsync(400, """{"error":{"message":"Not strict.","type":"invalid_request_error","param":"response_format","code":null}}""");
        else if (FindFault(request.Schema) is { } fault)
            await request.AnswerAsync(400, $$$"""{"error":{"message":"Invalid schema for response_format: {{{fault}}}.","type":"invalid_request_error","param":"response_format","code":null}}""");
        else if (Wire == Wire.OpenAI && !body.TryGetProperty("model", out _))
            await request.AnswerAsync(400, """{"error":{"message":"you must provide a model parameter","type":"invalid_request_error","param":null,"code":null}}""");
        else if (_before is null || !await _before(request))
            await request.CompleteAsync(_model(request));
    }

    private static string ContentOf(List<JsonElement> messages, string role)
        => messages.Single(message => message.GetProperty("role").GetString() == role).GetProperty("content").GetString()!;

    /// <returns>Why strict mode refuses the schema, or null.</returns>
    private static string? FindFault(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Array)
            return schema.EnumerateArray().Select(FindFault).FirstOrDefault(fault => fault is not null);
        if (schema.ValueKind != JsonValueKind.Object)
            return null;

        if (s_unsupported.FirstOrDefault(name => schema.TryGetProperty(name, out _)) is { } unsupported)
            return $"'{unsupported}' is not permitted";
        if (schema.TryGetProperty("properties", out var properties))
        {
            if (!schema.TryGetProperty("additionalProperties", out var additional) || additional.ValueKind != JsonValueKind.False)
                return "'additionalProperties' is required to be supplied and to be false";
            if (!properties.EnumerateObject().Select(one => one.Name).Order().SequenceEqual(
                    schema.GetProperty("required").EnumerateArray().Select(one => one.GetString()!).Order()))
                return "'required' is required to be supplied and to be an array including every key in properties";
            return properties.EnumerateObject().Select(one => FindFault(one.Value)).FirstOrDefault(fault => fault is not null);
        }

        return schema.EnumerateObject().Where(one => one.Name != "enum").Select(one => FindFault(one.Value)).FirstOrDefault(fault => fault is not null);
    }
}
