using LexyHub.Core.Http;
using LexyHub.Core.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Embeddings;

public static class EmbeddingProviderServiceCollectionExtensions
{
    /// <summary>Registers <see cref="IEmbeddingServiceFactory"/>, configured or not: what is missing shows when it is used.</summary>
    public static IServiceCollection AddEmbeddingProviders(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<ProviderOptions>().BindConfiguration("Providers").ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<EmbeddingOptions>().BindConfiguration("Embeddings").ValidateDataAnnotations();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EmbeddingOptions>, EmbeddingOptionsValidator>());

        // How often and how long between is as for every service; a request's size and time are its own.
        services.AddOptionsWithValidateOnStart<ResilientHttpOptions>(EmbeddingServiceFactory.HttpName)
            .BindConfiguration("Http")
            .Configure<IOptions<EmbeddingOptions>>(static (http, embeddings) =>
            {
                http.AttemptTimeout = embeddings.Value.RequestTimeout;
                http.MaxResponseBytes = EmbeddingServiceFactory.MaxResponseBytes;
            })
            .ValidateDataAnnotations();
        services.TryAddSingleton<IEmbeddingServiceFactory, EmbeddingServiceFactory>();
        return services;
    }
}
