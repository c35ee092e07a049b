using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Jobs;

/// <summary><c>jobs/{name}/pause</c> and <c>jobs/{name}/resume</c>.</summary>
internal sealed class PauseRoutes(JobPauseStore pauses, TimeProvider time, ILogger<PauseRoutes> logger) : IApiRoutes
{
    private const string Example = """{"reason":"The provider migrates.","by":"Anna","until":"2026-12-01T06:00:00Z"}""";

    // A token names nobody.
    private const string Nameless = "a caller of the API";

    public ApiRoute? Find(string[] path) => path switch
    {
        ["jobs", var name, "pause"] when JobCatalog.Find(name) is { } job => new ApiRoute { Post = (request, stopping) => PauseAsync(job, request, stopping) },
        ["jobs", var name, "resume"] when JobCatalog.Find(name) is { } job => new ApiRoute { Post = (_, stopping) => ResumeAsync(job, stopping) },
        _ => null,
    };

    private async Task<ApiResponse> PauseAsync(JobDefinition job, ApiRequest request, CancellationToken cancellationToken)
    {
        var asked = await ApiBody.ReadAsync<PauseRequest>(request, Example, cancellationToken);
        var by = asked.By?.Trim() ?? Nameless;
        var reason = asked.Reason?.Trim();
        if (JobPause.Check(by, reason, asked.Until, time.GetUtcNow()) is { } wrong)
        {
            throw ApiParameters.Invalid(wrong);
        }

        var pause = await pauses.PauseAsync(job.Name, by, reason!, asked.Until, cancellationToken);
        Log.Paused(logger, job.Name, pause);
        return ApiResponse.Json(200, new JsonObject { ["job"] = job.Name, ["paused"] = pause.ToJson() });
    }

    private async Task<ApiResponse> ResumeAsync(JobDefinition job, CancellationToken cancellationToken)
    {
        var wasPaused = await pauses.ResumeAsync(job.Name, cancellationToken);
        Log.Resumed(logger, job.Name, wasPaused);
        return ApiResponse.Json(200, new JsonObject { ["job"] = job.Name, ["paused"] = null, ["wasPaused"] = wasPaused });
    }

    private sealed record PauseRequest(string? Reason, string? By, DateTimeOffset? Until);
}
