using Npgsql;

namespace LexyHub.Core.Retention;

/// <summary>One kind of rows that grow old.</summary>
internal abstract class RetentionTarget
{
    /// <summary>As it is reported and remembered.</summary>
    public abstract string Name { get; }

    /// <summary>How long its rows are kept.</summary>
    public abstract TimeSpan Keep(RetentionOptions options);

    /// <summary>A table that an installation may lack; null where there always is one.</summary>
    public virtual string? Table => null;

    /// <summary>Removes a bounded number of rows.</summary>
    /// <param name="connection">With a transaction begun.</param>
    /// <param name="before">Rows older than this go.</param>
    /// <param name="place">Where the batch before ended; null for the first. Only this target understands it.</param>
    /// <param name="cancellationToken">Ends the statement.</param>
    public abstract Task<PrunedBatch> PruneAsync(NpgsqlConnection connection, DateTimeOffset before, string? place, CancellationToken cancellationToken);
}

/// <summary>What one batch removed.</summary>
/// <param name="Rows">Removed.</param>
/// <param name="Place">Where the next batch begins.</param>
/// <param name="HasMore">False where there is nothing left.</param>
internal sealed record PrunedBatch(long Rows, string? Place, bool HasMore);
