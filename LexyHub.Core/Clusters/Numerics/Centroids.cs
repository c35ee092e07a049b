namespace LexyHub.Core.Clusters.Numerics;

/// <summary>The middles of clusters.</summary>
internal static class Centroids
{
    /// <returns>Unit rows, one after the other; zeros for a cluster without members.</returns>
    public static float[] Of(VectorSet vectors, int[] assignments, int clusters, ParallelOptions threads)
    {
        var members = ClusterMembers.Of(assignments, clusters);
        var centroids = new float[clusters * vectors.Dimensions];
        Parallel.For(
            0,
            clusters,
            threads,
            () => new double[vectors.Dimensions],
            (cluster, _, sum) =>
            {
                vectors.Sum(members[cluster], sum);
                UnitVector.TryWrite(sum, centroids.AsSpan(cluster * vectors.Dimensions, vectors.Dimensions));
                return sum;
            },
            _ => { });
        return centroids;
    }
}
