using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LexyHub.Core.Providers;

public static class ChatProviderServiceCollectionExtensions
{
    /// <summary>Registers <see cref="IChatServiceFactory"/>, configured or not: what is missing shows when it is used.</summary>
    public static IServiceCollection AddChatProviders(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptionsWithValidateOnStart<ProviderOptions>().BindConfiguration("Providers").ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<ChatModelOptions>().BindConfiguration("Chat").ValidateDataAnnotations();
        ProviderHttp.AddOptions<ChatModelOptions>(
            services, ChatServiceFactory.HttpName, ChatServiceFactory.MaxResponseBytes, static options => options.RequestTimeout);
        services.TryAddSingleton<IChatServiceFactory, ChatServiceFactory>();
        return services;
    }
}
