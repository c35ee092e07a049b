namespace LexyHub.Core.Jobs;

/// <summary>How a job is, in one word.</summary>
public enum JobState
{
    /// <summary>It never ran.</summary>
    Idle,

    /// <summary>A run of it holds the lease now.</summary>
    Running,

    /// <summary>A person has paused it, and it does not run.</summary>
    Paused,

    /// <summary>Its last run failed, or its process died.</summary>
    Failing,

    /// <summary>It runs by a schedule and has had no success within twice its cadence.</summary>
    Late,

    /// <summary>None of the others.</summary>
    Healthy,
}
