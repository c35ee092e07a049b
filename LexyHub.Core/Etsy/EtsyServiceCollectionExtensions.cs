using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Etsy;

/// <summary>Registers etsy-sync.</summary>
public static class EtsyServiceCollectionExtensions
{
    public static IServiceCollection AddEtsySync(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<EtsyOptions>().BindConfiguration(EtsyOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<IValidateOptions<EtsyOptions>, EtsyOptionsValidator>();
        services.AddSingleton<EtsyPace>();
        services.AddSingleton<EtsyTokenCipher>();
        services.AddSingleton<EtsyAccountStore>();
        services.AddResilientHttpClient<EtsyClient>(EtsyClient.Service, gate: provider => provider.GetRequiredService<EtsyPace>());
        return services.AddJob<EtsySyncJob>(JobCatalog.EtsySync);
    }
}
