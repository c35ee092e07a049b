using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LexyHub.Core.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Core.Tests.Embeddings;

/// <summary>The services whose wire format is spoken.</summary>
public enum Wire
{
    OpenAI,
    Azure,
}

/// <summary>One request as the service understood it.</summary>
internal sealed record EmbeddingRequest(HttpContext Http, IReadOnlyList<string> Input, int Dimensions, string? EncodingFormat, int Number);

/// <summary>
/// <c>POST /embeddings</c> of OpenAI and of Azure OpenAI on this machine. Refuses what they refuse: another path, version or key,
/// too many inputs, too many tokens by their own estimate. A test can answer in its stead.
/// </summary>
internal sealed class EmbeddingServer : IAsyncDisposable
{
    public const string Key = "sk-test-0123456789";
    public const string Deployment = "large-vectors";

    private readonly Func<EmbeddingRequest, Task<bool>>? _before;
    private readonly bool _floats;
    private readonly ConcurrentQueue<EmbeddingRequest> _requests = new();
    private LoopbackServer _server = null!;
    private int _atOnce;

    private EmbeddingServer(Wire wire, Func<EmbeddingRequest, Task<bool>>? before, bool floats)
    {
        Wire = wire;
        _before = before;
        _floats = floats;
    }

    public Wire Wire { get; }

    public Uri Address => Wire == Wire.OpenAI ? new Uri(_server.Address, "v1") : _server.Address;

    public IReadOnlyList<EmbeddingRequest> Requests => [.. _requests];

    public int MostAtOnce { get; private set; }

    public IReadOnlyList<ReceivedRequest> Received => _server.Received;

    /// <param name="before">Returns true where it has answered.</param>
    /// <param name="floats">Numbers instead of base64, whatever is asked for.</param>
    public static async Task<EmbeddingServer> StartAsync(Wire wire, Func<EmbeddingRequest, Task<bool>>? before = null, bool floats = false)
    {
        var server = new EmbeddingServer(wire, before, floats);
        server._server = await LoopbackServer.StartAsync(server.AnswerAsync);
        return server;
    }

    /// <summary>The vector that the service gives a text.</summary>
    public static float[] VectorOf(string text, int dimensions)
    {
        var random = new Random(text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c)));
        return [.. Enumerable.Range(0, dimensions).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    public static async Task<bool> AnswerAsync(EmbeddingRequest request, int status, string body, params (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
            request.Http.Response.Headers[name] = value;
        await request.Http.JsonAsync(body, status);
        return true;
    }

    /// <summary>A good answer; <paramref name="change"/> may spoil it.</summary>
    public static Task AnswerAsync(EmbeddingRequest request, bool floats, Func<List<(int Index, float[] Vector)>, List<(int Index, float[] Vector)>>? change = null)
        => request.Http.JsonAsync(BodyOf(request, floats, change));

    public static string BodyOf(
        EmbeddingRequest request, bool floats, Func<List<(int Index, float[] Vector)>, List<(int Index, float[] Vector)>>? change = null)
    {
        var items = request.Input.Select((text, index) => (index, VectorOf(text, request.Dimensions))).ToList();
        items = change is null ? items : change(items);
        var json = new StringBuilder("""{"object":"list","data":[""");

        // In reverse, because the order promises nothing.
        foreach (var (index, vector) in Enumerable.Reverse(items))
        {
            var embedding = floats
                ? $"[{string.Join(',', vector.Select(NumberOf))}]"
                : $"\"{Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan()))}\"";
            json.Append(CultureInfo.InvariantCulture, $$"""{"object":"embedding","embedding":{{embedding}},"index":{{index}}},""");
        }

        if (items.Count > 0)
            json.Length--;
        var tokens = request.Input.Sum(text => text.Split(' ').Length);
        json.Append(CultureInfo.InvariantCulture, $$$"""],"model":"text-embedding-3-large","usage":{"prompt_tokens":{{{tokens}}},"total_tokens":{{{tokens}}}}}""");
        return json.ToString();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // JSON has no word for what is not finite.
    private static string NumberOf(float value) => float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "1e999";

    private async Task AnswerAsync(HttpContext http, ReceivedRequest received, int number)
    {
        lock (_requests)
            MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
        try
        {
            var expected = Wire == Wire.OpenAI ? "/v1/embeddings" : $"/openai/deployments/{Deployment}/embeddings?api-version=2024-10-21";
            var authorized = Wire == Wire.OpenAI
                ? received.Headers.GetValueOrDefault("Authorization") == $"Bearer {Key}"
                : received.Headers.GetValueOrDefault("api-key") == Key || received.Headers.GetValueOrDefault("Authorization") == "Bearer entra-token";
            using var body = JsonDocument.Parse(received.Body);
            var request = new EmbeddingRequest(
                http,
                [.. body.RootElement.GetProperty("input").EnumerateArray().Select(text => text.GetString()!)],
                body.RootElement.GetProperty("dimensions").GetInt32(),
                body.RootElement.TryGetProperty("encoding_format", out var format) ? format.GetString() : null,
                number);
            _requests.Enqueue(request);
            if (received.Method != "POST" || received.Target != expected)
                await http.JsonAsync("""{"error":{"code":"404","message":"Resource not found"}}""", 404);
            else if (!authorized)
                await http.JsonAsync("""{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""", 401);
            else if (request.Input.Count is 0 or > 2_048 || request.Input.Any(text => text.Length == 0))
                await http.JsonAsync("""{"error":{"message":"'$.input' is invalid.","type":"invalid_request_error","param":null,"code":null}}""", 400);
            else if (request.Input.Sum(text => Encoding.UTF8.GetByteCount(text)) / 4 > 300_000)
                await http.JsonAsync("""{"error":{"message":"Requested more than 300000 tokens per request.","type":"max_tokens_per_request","param":null,"code":"max_tokens_per_request"}}""", 400);
            else if (_before is null || !await _before(request))
                await AnswerAsync(request, _floats || request.EncodingFormat != "base64");
        }
        finally
        {
            lock (_requests)
                _atOnce--;
        }
    }
}
