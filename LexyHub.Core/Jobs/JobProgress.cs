namespace LexyHub.Core.Jobs;

/// <summary>How far a run is.</summary>
/// <param name="Stage">What it does now, in a word or three.</param>
/// <param name="Processed">Items done.</param>
/// <param name="Failed">Items that failed.</param>
/// <param name="Remaining">Items still to do; null where it is not known yet.</param>
public sealed record JobProgress(string Stage, long Processed, long Failed = 0, long? Remaining = null)
{
    /// <summary>What was done last, for a person who looks on: a shop and how far it is. Unlike the stage it may change with every
    /// report. Null where there is nothing to say.</summary>
    public string? Detail { get; init; }

    /// <summary>Worth a line of its own where lines are few: a shop is done.</summary>
    public bool IsMilestone { get; init; }
}
