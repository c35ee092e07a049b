namespace LexyHub.Core.Http;

public static class HttpRequestMessageExtensions
{
    private static readonly HttpRequestOptionsKey<bool> s_onceOnly = new("LexyHub.OnceOnly");

    /// <summary>
    /// Marks a request that must not take effect twice, such as the refresh of a token that rotates. It is repeated only
    /// where it cannot have had an effect: no connection was made, or the service refused it with 429.
    /// </summary>
    public static HttpRequestMessage OnceOnly(this HttpRequestMessage request)
    {
        request.Options.Set(s_onceOnly, true);
        return request;
    }

    internal static bool IsOnceOnly(this HttpRequestMessage request)
        => request.Options.TryGetValue(s_onceOnly, out var onceOnly) && onceOnly;
}
