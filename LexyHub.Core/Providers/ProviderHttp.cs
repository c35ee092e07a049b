using LexyHub.Core.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Providers;

/// <summary>The HTTP client below the SDK: one handler repeats, and asks a pace before each try.</summary>
internal static class ProviderHttp
{
    public static HttpClient Create(
        string service, ResilientHttpOptions options, RequestPace pace, TimeProvider timeProvider, ILoggerFactory loggerFactory)
        => new(
            new ResilientHttpHandler(service, options, timeProvider, loggerFactory.CreateLogger<ResilientHttpHandler>())
            {
                Gate = pace,
                RepeatsConflict = true,
                InnerHandler = ResilientHttpServiceCollectionExtensions.CreatePrimaryHandler(),
            })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

    /// <summary>How often and how long between is as for every service; a request's size and time are its own.</summary>
    /// <param name="name">Of the options that the client is made with.</param>
    public static void AddOptions<TOptions>(
        IServiceCollection services, string name, int maxResponseBytes, Func<TOptions, TimeSpan> requestTimeout)
        where TOptions : class
        => services.AddOptionsWithValidateOnStart<ResilientHttpOptions>(name)
            .BindConfiguration("Http")
            .Configure<IOptions<TOptions>>((http, options) =>
            {
                http.AttemptTimeout = requestTimeout(options.Value);
                http.MaxResponseBytes = maxResponseBytes;
            })
            .ValidateDataAnnotations();
}
