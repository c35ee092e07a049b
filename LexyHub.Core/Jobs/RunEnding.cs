namespace LexyHub.Core.Jobs;

/// <summary>How a run is closed.</summary>
/// <param name="Status">One of <see cref="RunStatus"/>.</param>
/// <param name="StatusCode">Of the HTTP answer.</param>
/// <param name="Body">Of the HTTP answer, JSON.</param>
/// <param name="Processed">Items done.</param>
/// <param name="Tokens">Tokens paid for.</param>
/// <param name="Error">For <c>job_runs.error_message</c>; null where nothing failed.</param>
/// <param name="Metadata">JSON object, merged into the row's.</param>
internal sealed record RunEnding(
    string Status, int StatusCode, string Body, long Processed, long Tokens, string? Error, string Metadata);
