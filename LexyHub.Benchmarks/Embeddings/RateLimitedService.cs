using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>How a service counts what is used of a limit.</summary>
internal enum LimitKind
{
    /// <summary>Fills all the time, as OpenAI's.</summary>
    Bucket,

    /// <summary>Begins anew at fixed moments.</summary>
    Window,
}

/// <summary>
/// OpenAI's <c>/v1/embeddings</c> on loopback, with limits of requests and tokens whose minute is shortened to
/// <paramref name="window"/>. It counts tokens as the real one is said to: a quarter of the UTF-8 bytes.
/// </summary>
internal sealed class RateLimitedService(LimitKind kind, double requestLimit, double tokenLimit, TimeSpan window, TimeSpan latency) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(TimeSpan At, double Tokens)> _served = [];
    private readonly string _vector = Convert.ToBase64String(MemoryMarshal.AsBytes<float>([.. Enumerable.Repeat(0.5f, 8)]));
    private LoopbackServer? _server;
    private long _startedAt = -1;
    private TimeSpan _countedAt;
    private double _requestsLeft;
    private double _tokensLeft;

    public int Refused { get; private set; }

    /// <summary>When each request was let through, since the first one came, and what it took.</summary>
    public IReadOnlyList<(TimeSpan At, double Tokens)> Served => _served;

    public async Task<Uri> StartAsync()
    {
        _server = await LoopbackServer.StartAsync(AnswerAsync);
        return new Uri(_server.Address + "/v1");
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        var input = body.RootElement.GetProperty("input").EnumerateArray().Select(text => text.GetString()!).ToList();
        var tokens = input.Sum(text => Encoding.UTF8.GetByteCount(text)) / 4d;
        var isLetThrough = Count(tokens, http.Response.Headers);
        if (!isLetThrough)
        {
            http.Response.StatusCode = 429;
            await http.Response.WriteAsync("""{"error":{"message":"Rate limit reached.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""");
            return;
        }

        await Task.Delay(latency);
        var data = string.Join(',', Enumerable.Range(0, input.Count).Select(i => $$"""{"index":{{i}},"embedding":"{{_vector}}"}"""));
        await http.Response.WriteAsync($$$"""{"object":"list","data":[{{{data}}}],"usage":{"total_tokens":{{{(long)tokens}}}}}""");
    }

    private bool Count(double tokens, IHeaderDictionary headers)
    {
        lock (_lock)
        {
            if (_startedAt < 0)
            {
                _startedAt = TimeProvider.System.GetTimestamp();
                _requestsLeft = requestLimit;
                _tokensLeft = tokenLimit;
            }

            var now = TimeProvider.System.GetElapsedTime(_startedAt);
            Refill(now);
            var isLetThrough = _requestsLeft >= 1 && _tokensLeft >= tokens;
            if (isLetThrough)
            {
                _requestsLeft--;
                _tokensLeft -= tokens;
                _served.Add((now, tokens));
            }
            else
            {
                Refused++;
                var wait = TimeSpan.FromTicks(Math.Max(Reset(requestLimit, _requestsLeft, 1, now).Ticks, Reset(tokenLimit, _tokensLeft, tokens, now).Ticks));
                headers["retry-after-ms"] = Math.Ceiling(wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            }

            Tell(headers, "requests", requestLimit, _requestsLeft, Reset(requestLimit, _requestsLeft, requestLimit, now));
            Tell(headers, "tokens", tokenLimit, _tokensLeft, Reset(tokenLimit, _tokensLeft, tokenLimit, now));
            return isLetThrough;
        }
    }

    private void Refill(TimeSpan now)
    {
        if (kind == LimitKind.Bucket)
        {
            var share = (now - _countedAt) / window;
            _requestsLeft = Math.Min(requestLimit, _requestsLeft + (requestLimit * share));
            _tokensLeft = Math.Min(tokenLimit, _tokensLeft + (tokenLimit * share));
        }
        else if (Math.Floor(now / window) > Math.Floor(_countedAt / window))
        {
            _requestsLeft = requestLimit;
            _tokensLeft = tokenLimit;
        }

        _countedAt = now;
    }

    // Until there is as much as is needed; in a window that is its end.
    private TimeSpan Reset(double limit, double left, double needed, TimeSpan now)
        => left >= needed ? TimeSpan.Zero
            : kind == LimitKind.Bucket ? window * ((needed - left) / limit)
            : (window * (Math.Floor(now / window) + 1)) - now;

    private static void Tell(IHeaderDictionary headers, string name, double limit, double left, TimeSpan reset)
    {
        headers[$"x-ratelimit-limit-{name}"] = limit.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{name}"] = Math.Floor(left).ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{name}"] = string.Create(
            CultureInfo.InvariantCulture, $"{Math.Floor(reset.TotalSeconds):0}s{Math.Ceiling(reset.TotalMilliseconds % 1_000):0}ms");
    }
}
