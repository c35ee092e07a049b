using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Http;

public static class ResilientHttpServiceCollectionExtensions
{
    /// <summary>
    /// Registers <typeparamref name="TClient"/> with an <see cref="HttpClient"/> over a <see cref="ResilientHttpHandler"/>.
    /// The factory's own logging is off, because it writes addresses; redirects are answers, so that no header follows one.
    /// </summary>
    /// <param name="service">As it is called in logs and errors; also the name of the client's options.</param>
    /// <param name="configure">This client's defaults; the section <c>Http</c> overrides them.</param>
    /// <param name="gate">Decides when each try may begin; null lets all through.</param>
    public static IHttpClientBuilder AddResilientHttpClient<TClient>(
        this IServiceCollection services, string service, Action<ResilientHttpOptions>? configure = null, Func<IServiceProvider, IHttpAttemptGate>? gate = null)
        where TClient : class
    {
        services.TryAddSingleton(TimeProvider.System);
        var options = services.AddOptionsWithValidateOnStart<ResilientHttpOptions>(service);
        if (configure is not null)
            options.Configure(configure);
        options.BindConfiguration("Http").ValidateDataAnnotations();

        return services.AddHttpClient<TClient>(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(CreatePrimaryHandler)
            .AddHttpMessageHandler(provider => new ResilientHttpHandler(
                service,
                provider.GetRequiredService<IOptionsMonitor<ResilientHttpOptions>>().Get(service),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ResilientHttpHandler>>())
            {
                Gate = gate?.Invoke(provider),
            })
            // Connections are renewed by the handler itself, so a client may be kept as long as a job lives.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
    }

    /// <summary>What lies below every client of ours, for an SDK that wants a handler instead of a registration.</summary>
    public static SocketsHttpHandler CreatePrimaryHandler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseCookies = false,
    };
}
