namespace LexyHub.Core.Jobs;

/// <summary>Values of <c>job_runs.status</c>.</summary>
public static class RunStatus
{
    public const string Running = "running";

    /// <summary>Did all there was to do, or there was nothing.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>Stopped early, or some items failed; the rest is committed.</summary>
    public const string Partial = "partial";

    /// <summary>Could not run, or every item failed.</summary>
    public const string Failed = "failed";

    /// <summary>Chose not to run, for a reason that its message gives.</summary>
    public const string Skipped = "skipped";

    /// <summary>Its lease lapsed; closed by the run that came next.</summary>
    public const string Abandoned = "abandoned";

    /// <summary>Only in answers: the job runs elsewhere.</summary>
    public const string AlreadyRunning = "already-running";
}
