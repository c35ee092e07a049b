using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary><c>jobs</c>: the jobs, their runs, and how to run one.</summary>
internal sealed class JobRoutes(JobRunner runner, JobRunStore runs, JobOverviewStore overviews, TimeProvider time) : IApiRoutes
{
    private const int MaxIdempotencyKeyLength = 255;
    private const int MaxRuns = 200;

    private static readonly string[] Statuses =
    [
        RunStatus.Running, RunStatus.Succeeded, RunStatus.Partial, RunStatus.Failed, RunStatus.Skipped, RunStatus.Abandoned,
    ];

    public ApiRoute? Find(string[] path) => path switch
    {
        ["jobs"] => new ApiRoute { Get = ListAsync },
        ["jobs", "runs", var id] => new ApiRoute { Get = (_, stopping) => ReadRunAsync(id, stopping) },
        ["jobs", var name, .. [] or ["runs" or "pause" or "resume"]] when JobCatalog.Find(name) is null
            => ApiRoute.NotFound($"There is no job '{Shown(name)}'. Jobs: {string.Join(", ", JobCatalog.All.Select(job => job.Name))}."),
        ["jobs", var name] => new ApiRoute { Post = (request, stopping) => StartAsync(name, request, stopping) },
        ["jobs", var name, "runs"] => new ApiRoute { Get = (request, stopping) => ReadRunsAsync(name, request, stopping) },
        _ => null,
    };

    private async Task<ApiResponse> StartAsync(string job, ApiRequest request, CancellationToken stopping)
    {
        var key = request.IdempotencyKey?.Trim();
        if (key is { Length: 0 or > MaxIdempotencyKeyLength })
        {
            return ApiResponse.Error(400, $"Idempotency-Key must have 1 to {MaxIdempotencyKeyLength} characters; leave it out to run without one.");
        }

        var force = request.OneOf("force", "true", "false") == "true";
        var answer = await runner.RunAsync(
            new RunRequest(job, RunTrigger.Http) { IdempotencyKey = key, Force = force, Trace = request.Trace, Parameters = request.Query }, stopping);
        return ApiResponse.Json(answer.StatusCode, answer.Body);
    }

    private async Task<ApiResponse> ListAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var overview = await overviews.ReadAsync(cancellationToken);
        return ApiResponse.Json(200, new JsonObject
        {
            ["now"] = now,
            ["jobs"] = new JsonArray([.. JobCatalog.All.Select(job => JobOverviewJson.Job(job, overview[job.Name], now))]),
        });
    }

    private async Task<ApiResponse> ReadRunsAsync(string job, ApiRequest request, CancellationToken cancellationToken)
    {
        var limit = request.Integer("limit", 30, 1, MaxRuns);
        var status = request.OneOf("status", Statuses);
        var before = request.Text("before") is { } text
            ? RunCursor.Parse(text) ?? throw ApiParameters.Invalid("before must be the 'next' of the page before, or an instant such as 2026-03-01T00:15:00Z.")
            : null;

        // One more than asked for tells whether there is another page.
        var page = await runs.ReadPageAsync(job, status, before, limit + 1, cancellationToken);
        var shown = page.Take(limit).ToList();
        return ApiResponse.Json(200, new JsonObject
        {
            ["job"] = job,
            ["runs"] = new JsonArray([.. shown.Select(JobRunJson.Summary)]),
            ["next"] = page.Count > limit ? RunCursor.Of(shown[^1]).ToString() : null,
        });
    }

    private async Task<ApiResponse> ReadRunAsync(string id, CancellationToken cancellationToken)
        => Guid.TryParse(id, out var runId) && await runs.FindAsync(runId, cancellationToken) is { } run
            ? ApiResponse.Json(200, JobRunJson.Run(run))
            : ApiResponse.Error(404, $"There is no run '{Shown(id)}'.");

    // A name from a URL may be anything, and of any length.
    private static string Shown(string name) => name.Length <= 60 ? name : name[..60] + "…";
}
