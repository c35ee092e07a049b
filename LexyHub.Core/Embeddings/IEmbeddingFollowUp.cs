using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Embeddings;

/// <summary>What another feature does with new vectors at the end of an embed-missing run, within that run's lease and budget.</summary>
public interface IEmbeddingFollowUp
{
    /// <param name="context">The run of embed-missing.</param>
    /// <param name="service">Whose vectors are new.</param>
    /// <param name="counts">Of the run's answer: to be added to.</param>
    /// <param name="cancellationToken">The lease is lost.</param>
    Task RunAsync(JobContext context, IEmbeddingService service, JsonObject counts, CancellationToken cancellationToken);
}
