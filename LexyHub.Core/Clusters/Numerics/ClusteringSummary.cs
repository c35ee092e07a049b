namespace LexyHub.Core.Clusters.Numerics;

/// <summary>What a clustering comes to in the space of the vectors as they are, whatever space the clusters were found in.</summary>
internal static class ClusteringSummary
{
    public static ClusteringResult Of(VectorSet vectors, int[] assignments, float threshold, ParallelOptions threads)
    {
        var numbered = Number(assignments, out var clusters);
        var centroids = Centroids.Of(vectors, numbered, clusters, threads);
        var nearest = NearestCluster.Of(vectors, numbered, clusters, threads);
        var similarities = new float[vectors.Count];
        Parallel.For(0, vectors.Count, threads, row => similarities[row] = numbered[row] >= 0
            ? (float)ExactDot.Of(vectors[row], centroids.AsSpan(numbered[row] * vectors.Dimensions, vectors.Dimensions))
            : nearest[row].Cluster >= 0 ? (float)nearest[row].Similarity : 0);
        var (sum, members) = (0d, 0);
        for (var row = 0; row < vectors.Count; row++)
        {
            if (numbered[row] < 0)
                continue;
            sum += similarities[row];
            members++;
        }

        return new ClusteringResult(
            clusters, vectors.Dimensions, numbered, similarities, centroids, threshold, members == 0 ? 0 : sum / members);
    }

    /// <summary>Numbers clusters by their first member, without gaps.</summary>
    public static int[] Number(int[] assignments, out int clusters)
    {
        var numbers = new Dictionary<int, int>();
        var numbered = new int[assignments.Length];
        for (var row = 0; row < assignments.Length; row++)
        {
            if (assignments[row] < 0)
            {
                numbered[row] = ClusteringResult.Outlier;
                continue;
            }

            if (!numbers.TryGetValue(assignments[row], out var number))
                numbers.Add(assignments[row], number = numbers.Count);
            numbered[row] = number;
        }

        clusters = numbers.Count;
        return numbered;
    }
}
