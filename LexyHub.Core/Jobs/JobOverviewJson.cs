using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>Jobs as the API shows them.</summary>
public static class JobOverviewJson
{
    public static JsonObject Job(JobDefinition job, JobOverview overview, DateTimeOffset now)
        => new()
        {
            ["name"] = job.Name,
            ["description"] = job.Description,
            ["schedule"] = job.Schedule,
            ["cadenceSeconds"] = (long)job.CadenceAt(now).TotalSeconds,
            ["state"] = overview.StateOf(job, now).ToString().ToLowerInvariant(),
            ["automation"] = overview.IsAutomated ? "on" : "off",
            ["automationSetting"] = job.AutomationSetting,
            ["nextDue"] = overview.IsAutomated ? job.NextDue(now) : null,
            ["lateFrom"] = overview.LateFrom(job, now),
            ["lastSuccessAt"] = overview.LastSuccessAt,
            ["paused"] = overview.Pause?.ToJson(),
            ["liveRunId"] = overview.LiveRunId,
            ["lastRun"] = overview.LastRun is { } last ? JobRunJson.Summary(last) : null,
            ["runs"] = new JsonArray([.. overview.Runs.Select(Strip)]),
        };

    private static JsonObject Strip(JobRun run)
    {
        var summary = JobRunJson.Summary(run);
        return new JsonObject
        {
            ["runId"] = run.Id,
            ["status"] = run.Status,
            ["startedAt"] = run.StartedAt,
            ["durationMs"] = summary["durationMs"]?.DeepClone(),
            ["processed"] = run.Processed,
            ["failed"] = summary["failed"]?.DeepClone(),
        };
    }
}
