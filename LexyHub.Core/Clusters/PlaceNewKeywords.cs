using System.Text.Json.Nodes;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Clusters;

/// <summary>Puts keywords into clusters as soon as they have a vector.</summary>
internal sealed class PlaceNewKeywords(IOptions<EmbeddingOptions> options, ILogger<PlaceNewKeywords> logger) : IEmbeddingFollowUp
{
    public async Task RunAsync(JobContext context, IEmbeddingService service, JsonObject counts, CancellationToken cancellationToken)
        => counts["clustered"] = await new ClusterPlacement(context, EmbeddingScope.Of(service, options.Value), logger).RunAsync(cancellationToken);
}
