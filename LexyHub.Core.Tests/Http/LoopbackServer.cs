using System.Collections.Concurrent;
using System.Text;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LexyHub.Core.Tests.Http;

/// <summary>One request as it came over the wire.</summary>
/// <param name="Target">Path and query, encoded as sent.</param>
internal sealed record ReceivedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A real HTTP server on this machine that answers what a test tells it to.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();

    private LoopbackServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = null!;

    public IReadOnlyList<ReceivedRequest> Received => [.. _received];

    /// <param name="answer">Is given the request and how many came before it.</param>
    public static async Task<LoopbackServer> StartAsync(Func<HttpContext, ReceivedRequest, int, Task> answer)
    {
        var app = LoopbackApp.Build();
        var server = new LoopbackServer(app);
        var count = -1;
        app.Run(async context =>
        {
            var request = await ReadAsync(context);
            server._received.Enqueue(request);
            await answer(context, request, Interlocked.Increment(ref count));
        });
        await app.StartAsync();
        server.Address = new Uri(app.Urls.Single() + "/");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        // A test that hangs up on purpose leaves requests behind that nobody waits for.
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private static async Task<ReceivedRequest> ReadAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        return new ReceivedRequest(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body);
    }
}

internal static class Answers
{
    public static Task JsonAsync(this HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=UTF-8";
        return context.Response.WriteAsync(json);
    }

    public static Task StatusAsync(this HttpContext context, int status, params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        return Task.CompletedTask;
    }

    /// <summary>Promises more than it sends, then hangs up.</summary>
    public static async Task TruncatedAsync(this HttpContext context, string begin)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = begin.Length + 100;
        await context.Response.WriteAsync(begin);
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    /// <summary>Does not answer until the caller has gone.</summary>
    public static async Task NeverAsync(this HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }
}
