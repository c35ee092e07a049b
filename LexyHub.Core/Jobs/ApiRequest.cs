using LexyHub.Core.Telemetry;

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

    /// <summary>The header <c>If-None-Match</c>; null where there is none.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>True where the header <c>Accept-Encoding</c> names gzip.</summary>
    public bool AcceptsGzip { get; init; }

    /// <summary>The trace that the request belongs to.</summary>
    public TraceParent Trace { get; init; }

    /// <summary>As it comes over the wire, unread.</summary>
    public Stream Body { get; init; } = Stream.Null;

    /// <summary>Query parameters by name; the last one counts where a name is repeated.</summary>
    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();

    /// <param name="method">GET, POST, …</param>
    /// <param name="path">Below the prefix <c>api/</c>.</param>
    /// <param name="header">The header of a name, or null.</param>
    /// <param name="query">Query parameters by name.</param>
    public static ApiRequest From(string method, string path, Func<string, string?> header, IReadOnlyDictionary<string, string> query)
        => new(method, path)
        {
            Authorization = header("Authorization"),
            IdempotencyKey = header("Idempotency-Key"),
            IfNoneMatch = header("If-None-Match"),
            AcceptsGzip = header("Accept-Encoding")?.Contains("gzip", StringComparison.OrdinalIgnoreCase) ?? false,
            Query = query,
            Trace = new TraceParent(header("traceparent"), header("tracestate")),
        };
}
