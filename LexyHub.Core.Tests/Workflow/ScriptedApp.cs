using System.Collections.Concurrent;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LexyHub.Core.Tests.Workflow;

/// <summary>An app on loopback that answers each job's calls with what the test wrote down, the last answer for ever.</summary>
internal sealed class ScriptedApp : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Call> calls = new();

    private ScriptedApp(WebApplication app) => this.app = app;

    public string Url => app.Urls.Single();

    /// <summary>As they came in.</summary>
    public IReadOnlyList<Call> Calls => [.. calls];

    public static async Task<ScriptedApp> StartAsync(params (string Job, Answer[] Answers)[] script)
    {
        var host = new ScriptedApp(LoopbackApp.Build());
        foreach (var (job, answers) in script)
        {
            var left = new ConcurrentQueue<Answer>(answers);
            host.app.Map($"/api/jobs/{job}", async context =>
            {
                host.calls.Enqueue(Call.From(job, context.Request));
                var answer = left.Count > 1 && left.TryDequeue(out var next) ? next : left.First();
                context.Response.StatusCode = answer.Status;
                await context.Response.WriteAsync(answer.Body, context.RequestAborted);
            });
        }

        await host.app.StartAsync();
        return host;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    public sealed record Answer(int Status, string Body);

    public sealed record Call(string Job, string Method, string Authorization, string IdempotencyKey)
    {
        public static Call From(string job, HttpRequest request)
            => new(job, request.Method, request.Headers.Authorization.ToString(), request.Headers["Idempotency-Key"].ToString());
    }
}
