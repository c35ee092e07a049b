namespace LexyHub.Core.Trends.Sources;

/// <summary>What a source may ask of the run it works for.</summary>
public abstract class TrendSourceContext
{
    /// <summary>The UTC day of the run.</summary>
    public required DateOnly Today { get; init; }

    /// <returns>Every known keyword in its normal form, without repeats; 100,000 and more.</returns>
    public abstract Task<IReadOnlyList<string>> GetKnownTermsAsync(CancellationToken cancellationToken);

    /// <returns>Up to <paramref name="count"/> known terms: those never read by the source first, then the longest unread.</returns>
    public abstract Task<IReadOnlyList<string>> GetLeastRecentlyReadTermsAsync(
        string source, int count, CancellationToken cancellationToken);
}
