namespace LexyHub.Core.Jobs;

/// <summary>A row of <c>job_runs</c>.</summary>
/// <param name="Id">The run.</param>
/// <param name="Job">The job's name.</param>
/// <param name="Status">One of <see cref="RunStatus"/>.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="FinishedAt">UTC; null while it runs.</param>
/// <param name="Processed">Items done.</param>
/// <param name="Tokens">Tokens paid for.</param>
/// <param name="Error">What failed; null where nothing did.</param>
/// <param name="Metadata">JSON object.</param>
/// <param name="StatusCode">Of the answer; null while there is none.</param>
/// <param name="Answer">The answer's body, JSON; null while there is none.</param>
public sealed record JobRun(
    Guid Id,
    string Job,
    string Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    long Processed,
    long Tokens,
    string? Error,
    string Metadata,
    int? StatusCode,
    string? Answer);
