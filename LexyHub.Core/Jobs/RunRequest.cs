using LexyHub.Core.Telemetry;

namespace LexyHub.Core.Jobs;

/// <summary>Asks for a run of a job.</summary>
/// <param name="Job">Its name in the <see cref="JobCatalog"/>.</param>
/// <param name="Trigger">What asks; decides the budget.</param>
public sealed record RunRequest(string Job, RunTrigger Trigger)
{
    /// <summary>At most 255 characters; a second request with the same key gets the first one's answer.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The trace within which the run is asked for.</summary>
    public TraceParent Trace { get; init; }

    /// <summary>Runs even where the job is paused: a person's wish.</summary>
    public bool Force { get; init; }

    /// <summary>Query parameters by name, as given.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Overrides the trigger's budget; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Told after every batch; null where nobody looks.</summary>
    public IProgress<JobProgress>? Progress { get; init; }
}
