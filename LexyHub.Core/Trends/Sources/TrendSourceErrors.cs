using LexyHub.Core.Http;

namespace LexyHub.Core.Trends.Sources;

internal static class TrendSourceErrors
{
    /// <param name="credentials">What to check where the service refuses us: settings by name.</param>
    public static TrendSourceException From(RemoteServiceException error, string credentials)
    {
        var advice = error.Code switch
        {
            "unauthorized" or "forbidden" => credentials,
            "rate-limited" or "server-error" or "timeout" => "The next run tries again.",
            _ => null,
        };
        return new TrendSourceException(error.Code, advice is null ? error.Message : $"{error.Message} {advice}", error);
    }
}
