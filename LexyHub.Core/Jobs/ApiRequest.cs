namespace LexyHub.Core.Jobs;

/// <summary>An HTTP request, whichever host took it.</summary>
/// <param name="Method">GET, POST, …</param>
/// <param name="Path">Below the prefix <c>api/</c>, for example <c>jobs/trend-aggregation</c>.</param>
public sealed record ApiRequest(string Method, string Path)
{
    /// <summary>The header of that name; null where there is none.</summary>
    public string? Authorization { get; init; }

    /// <summary>The header <c>Idempotency-Key</c>; null where there is none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Query parameters by name; the last one counts where a name is repeated.</summary>
    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();
}
