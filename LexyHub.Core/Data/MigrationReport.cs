namespace LexyHub.Core.Data;

/// <summary>What a migration did, or would do.</summary>
/// <param name="Applied">Scripts applied now, in order; for a status, those applied before.</param>
/// <param name="Pending">Scripts that are still to be applied.</param>
public sealed record MigrationReport(IReadOnlyList<string> Applied, IReadOnlyList<string> Pending);
