using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Clusters;

/// <summary>Registers rebuild-clusters, and what embed-missing does for clusters between two rebuilds.</summary>
public static class RebuildClustersServiceCollectionExtensions
{
    public static IServiceCollection AddRebuildClusters(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ClusterOptions>().BindConfiguration("Clusters").ValidateDataAnnotations();
        services.AddSingleton<IEmbeddingFollowUp, PlaceNewKeywords>();
        services.AddSingleton<ClusterCatalog>();
        return services.AddJob<RebuildClustersJob>(JobCatalog.RebuildClusters);
    }
}
