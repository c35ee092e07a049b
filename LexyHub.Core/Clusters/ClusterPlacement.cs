using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>Puts keywords that are new since the last rebuild into the nearest cluster of their market, where it is near enough;
/// in batches, each in one short transaction of the run. What is near none waits for the next rebuild.</summary>
internal sealed class ClusterPlacement(JobContext context, EmbeddingScope embeddings, ILogger logger)
{
    private const int BatchSize = 1_000;

    private readonly NearestClusters nearest = new(context.DataSource, embeddings);

    /// <summary>Works through what is due until nothing is, or the run must stop.</summary>
    /// <returns>Keywords that were put into a cluster.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        var after = "";
        long placed = 0, far = 0;
        while (context.StopRequested is null
            && await PlacementStore.ReadDueAsync(context.DataSource, embeddings, after, BatchSize, cancellationToken) is { Count: > 0 } due)
        {
            after = due[^1].Term;
            var places = await nearest.FindAsync(due, cancellationToken);
            // A market without clusters may get some from the rebuild that is under way: its terms stay due.
            var settled = due.Where(term => term.Markets.All(nearest.HasClusters)).ToList();
            if (settled.Count == 0 && places.Count == 0)
            {
                continue;
            }

            await using var transaction = await context.BeginWriteAsync(cancellationToken);
            placed += await PlacementStore.WriteAsync(transaction.Connection, [.. settled.Select(term => term.Term)], places, cancellationToken);
            far += settled.Where(term => term.Markets.Length > 0).Select(term => term.Term).Except(places.Select(place => place.Term)).Count();
            await transaction.CommitAsync(context.LastProgress with { Stage = $"new keywords into clusters ({placed})" }, cancellationToken);
        }

        if (placed + far > 0)
        {
            Log.Placed(logger, placed, far);
        }

        return placed;
    }
}
