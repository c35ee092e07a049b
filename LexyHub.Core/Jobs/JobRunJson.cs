using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>Runs as the API shows them.</summary>
public static class JobRunJson
{
    /// <summary>The whole run.</summary>
    public static JsonObject Run(JobRun run)
    {
        var metadata = JsonNode.Parse(run.Metadata);
        var json = Summary(run);
        json["errors"] = Member(metadata, "errors") is JsonArray errors ? errors.DeepClone() : new JsonArray();
        json["stages"] = Member(metadata, "stages") is JsonArray stages ? stages.DeepClone() : new JsonArray();
        json["metadata"] = metadata;
        json["statusCode"] = run.StatusCode;
        json["answer"] = run.Answer is null ? null : JsonNode.Parse(run.Answer);
        return json;
    }

    /// <summary>What a list shows of a run.</summary>
    public static JsonObject Summary(JobRun run)
    {
        var metadata = JsonNode.Parse(run.Metadata);
        var progress = run.Status == RunStatus.Running ? Member(metadata, "progress") as JsonObject : null;
        return new JsonObject
        {
            ["runId"] = run.Id,
            ["job"] = run.Job,
            ["status"] = run.Status,
            ["trigger"] = Member(metadata, "trigger")?.DeepClone(),
            ["startedAt"] = run.StartedAt,
            ["finishedAt"] = run.FinishedAt,
            ["durationMs"] = run.FinishedAt is { } finishedAt ? (long)(finishedAt - run.StartedAt).TotalMilliseconds : null,
            ["processed"] = run.Processed,
            ["failed"] = (progress?["failed"] ?? Member(metadata, "failed"))?.DeepClone(),
            ["remaining"] = (progress?["remaining"] ?? Member(metadata, "remaining"))?.DeepClone(),
            ["tokens"] = run.Tokens,
            ["stage"] = progress?["stage"]?.DeepClone(),
            ["stopReason"] = Member(metadata, "stopReason")?.DeepClone(),
            ["message"] = Member(metadata, "message")?.DeepClone(),
            ["error"] = run.Error,
        };
    }

    // Rows of LexyHub's own may hold anything.
    private static JsonNode? Member(JsonNode? metadata, string name) => metadata is JsonObject members ? members[name] : null;
}
