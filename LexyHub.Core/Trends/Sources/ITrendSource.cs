namespace LexyHub.Core.Trends.Sources;

/// <summary>Readings of terms from one place outside (or inside) LexyHub.</summary>
public interface ITrendSource
{
    /// <summary>As reported in a run's <c>sources</c>, for example <c>google-trends</c>.</summary>
    string Name { get; }

    /// <summary>Null when the source can run; otherwise what is missing, and never a secret.</summary>
    string? NotConfiguredReason { get; }

    /// <summary>
    /// Yields batches as they arrive, so that a failure midway keeps what came before.
    /// One fetch at a time per instance.
    /// </summary>
    /// <exception cref="TrendSourceException">The source cannot be read, or not to its end.</exception>
    IAsyncEnumerable<SignalBatch> FetchAsync(TrendSourceContext context, CancellationToken cancellationToken);
}
