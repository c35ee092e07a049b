using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>Quarantines as the API and <c>lexyhub quarantine list --json</c> show them.</summary>
public static class QuarantineJson
{
    public static JsonObject Count(string job, QuarantineCount count)
        => new() { ["job"] = job, ["kind"] = count.Kind, ["waiting"] = count.Waiting, ["givenUp"] = count.GivenUp };

    public static JsonObject Item(string job, QuarantinedItem item)
        => new()
        {
            ["job"] = job,
            ["kind"] = item.Kind,
            ["item"] = item.Item,
            ["label"] = item.Label,
            ["model"] = item.Model,
            ["reason"] = item.Reason,
            ["attempts"] = item.Attempts,
            ["firstAt"] = item.FirstAt,
            ["lastAt"] = item.LastAt,
            ["retryAt"] = item.RetryAt,
            ["state"] = item.State,
        };
}
