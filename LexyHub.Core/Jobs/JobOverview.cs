namespace LexyHub.Core.Jobs;

/// <summary>A job at a glance.</summary>
/// <param name="Runs">Its latest runs, newest first.</param>
/// <param name="LastSuccessAt">When the last run ended that succeeded or was partial, UTC; null where there is none.</param>
/// <param name="FirstRunAt">When its oldest run began, UTC; null where there is none.</param>
/// <param name="LiveRunId">The run that holds the lease now; null where none does.</param>
public sealed record JobOverview(
    IReadOnlyList<JobRun> Runs, DateTimeOffset? LastSuccessAt, DateTimeOffset? FirstRunAt, Guid? LiveRunId)
{
    /// <summary>False where the job's timer does nothing: then it is run by hand and never late.</summary>
    public bool IsAutomated { get; init; } = true;

    /// <summary>Null where the job is not paused.</summary>
    public JobPause? Pause { get; init; }

    public JobRun? LastRun => Runs.Count > 0 ? Runs[0] : null;

    /// <returns>From when on the job is late; null where it never ran, or does not run by itself.</returns>
    public DateTimeOffset? LateFrom(JobDefinition job, DateTimeOffset now)
        => IsAutomated ? (LastSuccessAt ?? FirstRunAt) + 2 * job.CadenceAt(now) : null;

    /// <summary>A run that chose not to run tells nothing of the job: the one before it does.</summary>
    public JobState StateOf(JobDefinition job, DateTimeOffset now)
    {
        if (LiveRunId is not null)
        {
            return JobState.Running;
        }

        if (Pause is not null)
        {
            return JobState.Paused;
        }

        return Runs.FirstOrDefault(run => run.Status != RunStatus.Skipped)?.Status switch
        {
            // Without a lease its process has died; the next run closes its row.
            RunStatus.Failed or RunStatus.Abandoned or RunStatus.Running => JobState.Failing,
            _ when LastRun is null => JobState.Idle,
            _ when LateFrom(job, now) <= now => JobState.Late,
            _ => JobState.Healthy,
        };
    }
}
