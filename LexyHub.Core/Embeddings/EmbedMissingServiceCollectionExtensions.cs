using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Embeddings;

/// <summary>Registers embed-missing with its providers.</summary>
public static class EmbedMissingServiceCollectionExtensions
{
    public static IServiceCollection AddEmbedMissing(this IServiceCollection services)
        => services.AddEmbeddingProviders().AddSingleton<IQuarantine, EmbeddingQuarantine>().AddJob<EmbedMissingJob>(JobCatalog.EmbedMissing);
}
