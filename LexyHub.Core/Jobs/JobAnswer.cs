using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>The answer to a request for a run: the HTTP status and the JSON body, whatever the trigger.</summary>
/// <param name="StatusCode">HTTP status.</param>
/// <param name="Status">One of <see cref="RunStatus"/>.</param>
/// <param name="RunId">The run that this is about; null where none could be recorded.</param>
/// <param name="Body">As sent over HTTP and printed by <c>lexyhub run --json</c>.</param>
public sealed record JobAnswer(int StatusCode, string Status, Guid? RunId, JsonObject Body)
{
    /// <summary><c>code</c> of a run that lost its lease.</summary>
    internal const string LeaseLostCode = "lease-lost";

    internal static JobAnswer Ended(string job, Guid runId, JobOutcome outcome, long durationMs)
    {
        if (outcome.Status == RunStatus.Skipped)
        {
            return new JobAnswer(202, RunStatus.Skipped, runId, new JsonObject { ["job"] = job, ["status"] = RunStatus.Skipped, ["message"] = outcome.Message });
        }

        if (outcome.Status == RunStatus.Failed)
        {
            var first = outcome.Errors.Count > 0 ? $" First: {outcome.Errors[0].Item}: {outcome.Errors[0].Error}" : "";
            var failed = Failure(job, runId, 502, "all-items-failed", $"All {outcome.Failed} items failed.{first}");
            failed.Body["errors"] = Errors(outcome);
            return failed;
        }

        var body = new JsonObject
        {
            ["job"] = job,
            ["runId"] = runId,
            ["status"] = outcome.Status,
            ["processed"] = outcome.Processed,
            ["failed"] = outcome.Failed,
            ["remaining"] = outcome.Remaining,
            ["durationMs"] = durationMs,
        };
        foreach (var (name, value) in outcome.Counts)
        {
            body[name] = value?.DeepClone();
        }

        if (outcome.Status == RunStatus.Partial)
        {
            body["stopReason"] = (outcome.Stopped ?? (outcome.Failed > 0 ? StopReason.FailedItems : StopReason.Time)).ToWire();
            body["errors"] = Errors(outcome);
        }

        if (outcome.Message is { } message)
        {
            body["message"] = message;
        }

        return new JobAnswer(200, outcome.Status, runId, body);
    }

    internal static JobAnswer AlreadyRunning(string job, Guid runId)
        => new(202, RunStatus.AlreadyRunning, runId, new JsonObject { ["job"] = job, ["status"] = RunStatus.AlreadyRunning, ["runId"] = runId });

    internal static JobAnswer Paused(string job, Guid runId, JobPause pause)
        => new(202, RunStatus.Skipped, runId, new JsonObject
        {
            ["job"] = job,
            ["status"] = RunStatus.Skipped,
            ["message"] = $"{pause}",
            ["paused"] = pause.ToJson(),
        });

    internal static JobAnswer Failure(string job, Guid? runId, int statusCode, string code, string error)
        => new(statusCode, RunStatus.Failed, runId, new JsonObject { ["error"] = error, ["code"] = code, ["job"] = job, ["runId"] = runId });

    internal static JobAnswer Stored(Guid runId, int statusCode, string body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        return new JobAnswer(statusCode, (string?)json["status"] ?? RunStatus.Failed, runId, json);
    }

    internal static JsonArray Errors(JobOutcome outcome)
        => [.. outcome.Errors.Take(JobOutcome.MaxErrors).Select(e => new JsonObject { ["item"] = e.Item, ["error"] = e.Error })];
}
