namespace LexyHub.Core.Clusters.Numerics;

/// <summary>Where rows that belong to no cluster would go.</summary>
internal static class NearestCluster
{
    /// <returns>Of each row without a cluster the nearest one that has members; of others, and where there is none, none.</returns>
    public static Nearest[] Of(VectorSet vectors, int[] assignments, int clusters, ParallelOptions threads)
    {
        var nearest = new Nearest[vectors.Count];
        Array.Fill(nearest, Nearest.None);
        var rows = Enumerable.Range(0, vectors.Count).Where(row => assignments[row] < 0).ToArray();
        if (rows.Length == 0 || rows.Length == vectors.Count)
            return nearest;

        var loose = VectorSet.Zeros(vectors.Dimensions, rows.Length);
        for (var i = 0; i < rows.Length; i++)
            vectors[rows[i]].CopyTo(loose.Writable(i));

        // An empty cluster has no centroid to be near.
        var filled = Enumerable.Range(0, clusters).Where(ClusterMembers.Of(assignments, clusters).Any).ToArray();
        var numbers = new Dictionary<int, int>(filled.Select((cluster, i) => KeyValuePair.Create(cluster, i)));
        var dense = assignments.Select(cluster => cluster < 0 ? -1 : numbers[cluster]).ToArray();
        var chosen = new int[rows.Length];
        Array.Fill(chosen, -1);
        var similarities = new float[rows.Length];
        new SphericalKMeans(loose, Centroids.Of(vectors, dense, filled.Length, threads), chosen, similarities, threads)
            .Assign(0, rows.Length);
        for (var i = 0; i < rows.Length; i++)
            nearest[rows[i]] = new Nearest(filled[chosen[i]], similarities[i]);

        return nearest;
    }
}
