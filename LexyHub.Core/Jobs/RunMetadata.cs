using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>What <c>job_runs.metadata</c> holds: how the run was asked for, its progress, and how it ended.</summary>
internal static class RunMetadata
{
    public static string Started(LeaseRequest request, long epoch)
        => new JsonObject
        {
            ["trigger"] = request.Trigger.ToString().ToLowerInvariant(),
            ["epoch"] = epoch,
            ["owner"] = request.Owner,
        }.ToJsonString(JobJson.Options);

    public static string Skipped(LeaseRequest request, JobPause pause)
        => new JsonObject
        {
            ["trigger"] = request.Trigger.ToString().ToLowerInvariant(),
            ["owner"] = request.Owner,
            ["message"] = pause.ToString(),
            ["paused"] = pause.ToJson(),
        }.ToJsonString(JobJson.Options);

    public static string Progress(JobProgress progress, StageClock stages)
    {
        var shown = new JsonObject
        {
            ["stage"] = progress.Stage,
            ["processed"] = progress.Processed,
            ["failed"] = progress.Failed,
            ["remaining"] = progress.Remaining,
        };
        if (progress.Detail is { } detail)
        {
            shown["detail"] = detail;
        }

        return new JsonObject { ["progress"] = shown, ["stages"] = stages.ToJson() }.ToJsonString(JobJson.Options);
    }

    public static string Ended(JobOutcome outcome, long durationMs, StageClock stages)
    {
        var metadata = new JsonObject
        {
            ["durationMs"] = durationMs,
            ["failed"] = outcome.Failed,
            ["remaining"] = outcome.Remaining,
            ["counts"] = outcome.Counts.DeepClone(),
            ["errors"] = JobAnswer.Errors(outcome),
            ["stages"] = stages.ToJson(),
        };
        if (outcome.Stopped is { } reason)
        {
            metadata["stopReason"] = reason.ToWire();
        }

        if (outcome.Message is { } message)
        {
            metadata["message"] = message;
        }

        return metadata.ToJsonString(JobJson.Options);
    }
}
