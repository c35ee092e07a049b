namespace LexyHub.Core.Jobs;

/// <summary>A job's lease as one run holds it.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="RunId">The run that holds it.</param>
/// <param name="Epoch">Grows by one with each holder; whoever writes under an older one is refused.</param>
/// <param name="TimeToLive">From each renewal, by the database's clock.</param>
public sealed record JobLease(string Job, Guid RunId, long Epoch, TimeSpan TimeToLive);

/// <summary>The answer to asking for a lease: the lease, or the run that holds it or has answered already.</summary>
internal abstract record LeaseAnswer
{
    public sealed record Granted(JobLease Lease, Guid? AbandonedRunId) : LeaseAnswer;

    public sealed record Held(Guid RunId) : LeaseAnswer;

    /// <summary>Paused: nothing was begun, and the run's row says so.</summary>
    public sealed record Skipped(JobPause Pause, JobAnswer Answer) : LeaseAnswer;

    public sealed record Answered(Guid RunId, int StatusCode, string Body) : LeaseAnswer;
}
