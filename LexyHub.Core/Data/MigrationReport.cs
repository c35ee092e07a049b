namespace LexyHub.Core.Data;

/// <summary>What a migration did, or would do.</summary>
/// <param name="Applied">Scripts applied now, in order; for a status, those applied before.</param>
/// <param name="Pending">Scripts that are still to be applied.</param>
public sealed record MigrationReport(IReadOnlyList<string> Applied, IReadOnlyList<string> Pending)
{
    /// <summary>Jobs, with their tables, whose triggers an earlier migration was not allowed to make, and this one was.</summary>
    public IReadOnlyList<string> TriggersMade { get; init; } = [];

    /// <summary>Jobs, with their tables, whose triggers may still not be made: each of their runs compares these tables in full.</summary>
    public IReadOnlyList<string> TriggersDenied { get; init; } = [];
}
