using System.Text.Json.Nodes;

namespace LexyHub.Core.Jobs;

/// <summary>An HTTP response, for whichever host to send: JSON, UTF-8.</summary>
/// <param name="StatusCode">HTTP status.</param>
/// <param name="Body">JSON text.</param>
/// <param name="Headers">Beside <c>Content-Type</c>.</param>
public sealed record ApiResponse(int StatusCode, string Body, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Of every response.</summary>
    public const string ContentType = "application/json; charset=utf-8";

    internal static ApiResponse Json(int statusCode, JsonNode body, params KeyValuePair<string, string>[] headers)
        => new(statusCode, body.ToJsonString(JobJson.Options), [new("Cache-Control", "no-store"), .. headers]);

    internal static ApiResponse Error(int statusCode, string error, params KeyValuePair<string, string>[] headers)
        => Json(statusCode, new JsonObject { ["error"] = error }, headers);
}
