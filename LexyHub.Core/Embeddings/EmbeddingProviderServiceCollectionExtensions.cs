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
        ProviderHttp.AddOptions<EmbeddingOptions>(
            services, EmbeddingServiceFactory.HttpName, EmbeddingServiceFactory.MaxResponseBytes, static options => options.RequestTimeout);
        services.TryAddSingleton<IEmbeddingServiceFactory, EmbeddingServiceFactory>();
        return services;
    }
}
