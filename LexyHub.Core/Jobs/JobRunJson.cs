using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>Jobs and runs as the API shows them.</summary>
public static class JobRunJson
{
    public static JsonObject Job(JobDefinition job, JobRun? lastRun, DateTimeOffset now)
        => new()
        {
            ["name"] = job.Name,
            ["description"] = job.Description,
            ["schedule"] = job.Schedule,
            ["nextDue"] = job.NextDue(now),
            ["lastRun"] = lastRun is null ? null : Summary(lastRun),
        };

    public static JsonObject Run(JobRun run)
    {
        var json = Summary(run);
        json["metadata"] = JsonNode.Parse(run.Metadata);
        json["statusCode"] = run.StatusCode;
        json["answer"] = run.Answer is null ? null : JsonNode.Parse(run.Answer);
        return json;
    }

    private static JsonObject Summary(JobRun run)
        => new()
        {
            ["runId"] = run.Id,
            ["job"] = run.Job,
            ["status"] = run.Status,
            ["startedAt"] = run.StartedAt,
            ["finishedAt"] = run.FinishedAt,
            ["processed"] = run.Processed,
            ["tokens"] = run.Tokens,
            ["error"] = run.Error,
        };
}
