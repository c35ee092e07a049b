using System.Text.Json.Nodes;
using LexyHub.Core.Data;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Jobs;

/// <summary>The HTTP interface, free of any framework: the Functions app and <c>lexyhub serve</c> both send every request
/// below <c>/api</c> here, so that the two answer alike.</summary>
public sealed class JobEndpoint(
    JobRunner runner, JobRunStore runs, DatabaseHealth health, ServiceTokens tokens, TimeProvider time, ILogger<JobEndpoint> logger)
{
    private const int MaxIdempotencyKeyLength = 255;

    private static readonly string[] OnlyGet = ["GET"];
    private static readonly string[] OnlyPost = ["POST"];

    /// <param name="request">What was asked.</param>
    /// <param name="stopping">The host's shutdown. A caller that hangs up does not stop a run.</param>
    public async Task<ApiResponse> HandleAsync(ApiRequest request, CancellationToken stopping)
    {
        try
        {
            return await RouteAsync(request, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return ApiResponse.Json(
                503, new JsonObject { ["error"] = "The host is shutting down, and nothing was begun. Call again.", ["code"] = "shutting-down" });
        }
        catch (Exception e)
        {
            Log.RequestFailed(logger, e, request.Path);
            return DatabaseErrors.Explain(e) is { } problem
                ? ApiResponse.Json(problem.StatusCode, new JsonObject { ["error"] = problem.Message, ["code"] = problem.Code })
                : ApiResponse.Json(500, new JsonObject { ["error"] = "The request failed in a way that is not known. The log has the whole error.", ["code"] = "internal-error" });
        }
    }

    private Task<ApiResponse> RouteAsync(ApiRequest request, CancellationToken stopping)
    {
        var path = request.Path.Trim('/').Split('/');
        if (path is ["health"])
        {
            return Allow(request, OnlyGet, () => HealthAsync(stopping));
        }

        // Before anything else is told apart: an answer without the token says nothing of what there is.
        if (!tokens.Accepts(request.Authorization))
        {
            return Task.FromResult(ApiResponse.Error(
                401,
                $"A valid token is needed: send 'Authorization: Bearer <token>' with one of {ServiceTokens.SettingName}.",
                new KeyValuePair<string, string>("WWW-Authenticate", "Bearer")));
        }

        return path switch
        {
            ["jobs"] => Allow(request, OnlyGet, () => ListAsync(stopping)),
            ["jobs", "runs", var id] => Allow(request, OnlyGet, () => RunAsync(id, stopping)),
            ["jobs", var name] when JobCatalog.Find(name) is { } job => Allow(request, OnlyPost, () => StartAsync(job, request, stopping)),
            ["jobs", var name] => Task.FromResult(ApiResponse.Error(404, $"There is no job '{Shown(name)}'. Jobs: {string.Join(", ", JobCatalog.All.Select(j => j.Name))}.")),
            _ => Task.FromResult(ApiResponse.Error(404, "There is nothing here. POST /api/jobs/<name> runs a job; GET /api/jobs lists them.")),
        };
    }

    private static Task<ApiResponse> Allow(ApiRequest request, string[] methods, Func<Task<ApiResponse>> handle)
        => methods.Contains(request.Method.ToUpperInvariant())
            ? handle()
            : Task.FromResult(ApiResponse.Error(
                405, $"Use {string.Join(" or ", methods)} here.", new KeyValuePair<string, string>("Allow", string.Join(", ", methods))));

    private async Task<ApiResponse> StartAsync(JobDefinition job, ApiRequest request, CancellationToken stopping)
    {
        var key = request.IdempotencyKey?.Trim();
        if (key is { Length: 0 or > MaxIdempotencyKeyLength })
        {
            return ApiResponse.Error(400, $"Idempotency-Key must have 1 to {MaxIdempotencyKeyLength} characters; leave it out to run without one.");
        }

        var answer = await runner.RunAsync(
            new RunRequest(job.Name, RunTrigger.Http) { IdempotencyKey = key, Parameters = request.Query }, stopping);
        return ApiResponse.Json(answer.StatusCode, answer.Body);
    }

    private async Task<ApiResponse> ListAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var latest = await runs.ReadLatestAsync(cancellationToken);
        return ApiResponse.Json(200, new JsonObject
        {
            ["jobs"] = new JsonArray([.. JobCatalog.All.Select(job => JobRunJson.Job(job, latest.GetValueOrDefault(job.Name), now))]),
        });
    }

    private async Task<ApiResponse> RunAsync(string id, CancellationToken cancellationToken)
        => Guid.TryParse(id, out var runId) && await runs.FindAsync(runId, cancellationToken) is { } run
            ? ApiResponse.Json(200, JobRunJson.Run(run))
            : ApiResponse.Error(404, $"There is no run '{Shown(id)}'.");

    private async Task<ApiResponse> HealthAsync(CancellationToken cancellationToken)
        => await health.IsHealthyAsync(cancellationToken)
            ? ApiResponse.Json(200, new JsonObject { ["status"] = "ok" })
            : ApiResponse.Json(503, new JsonObject { ["status"] = "unavailable" });

    // A name from a URL may be anything, and of any length.
    private static string Shown(string name) => name.Length <= 60 ? name : name[..60] + "…";
}
