namespace LexyHub.Core.Jobs;

/// <summary>Asks for a job's lease.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="Owner">Host and process, for people.</param>
/// <param name="Trigger">What asked.</param>
/// <param name="IdempotencyKey">At most 255 characters; null where the caller gave none.</param>
/// <param name="TimeToLive">Of the lease.</param>
/// <param name="Force">Also where the job is paused.</param>
internal sealed record LeaseRequest(
    string Job, string Owner, RunTrigger Trigger, string? IdempotencyKey, TimeSpan TimeToLive, bool Force = false);
