using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Intents;

/// <summary>Registers intent-classify with its providers.</summary>
public static class IntentServiceCollectionExtensions
{
    public static IServiceCollection AddIntentClassify(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<IntentOptions>().BindConfiguration("Intents").ValidateDataAnnotations();
        services.AddSingleton<TextClassifier>();
        services.AddSingleton<IntentCalibration>();
        return services.AddChatProviders().AddSingleton<IQuarantine, IntentQuarantine>().AddJob<IntentClassifyJob>(JobCatalog.IntentClassify);
    }
}
