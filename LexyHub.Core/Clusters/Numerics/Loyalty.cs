namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Leaves a keyword in the cluster that it was in yesterday unless another one is nearer by a margin: one that lies between two would
/// change sides with every few new keywords.
/// </summary>
internal static class Loyalty
{
    private const double Margin = 0.05;

    /// <param name="vectors">In the space in which clusters are found.</param>
    /// <param name="centroids">Unit rows, one after the other.</param>
    /// <param name="previous">Of each row yesterday's cluster; negative: none.</param>
    /// <param name="assignments">Of each row its cluster; rewritten.</param>
    /// <param name="similarities">Of each row to its centroid.</param>
    public static void Apply(VectorSet vectors, float[] centroids, int[] previous, int[] assignments, float[] similarities)
    {
        var heirs = FindHeirs(previous, assignments);
        for (var row = 0; row < vectors.Count; row++)
        {
            if (previous[row] < 0 || !heirs.TryGetValue(previous[row], out var home) || home == assignments[row])
                continue;

            var similarity = ExactDot.Of(vectors[row], centroids.AsSpan(home * vectors.Dimensions, vectors.Dimensions));
            if (similarity >= similarities[row] - Margin)
                (assignments[row], similarities[row]) = (home, (float)similarity);
        }
    }

    // Yesterday's cluster is today the one that most of its members are in.
    private static Dictionary<int, int> FindHeirs(int[] previous, int[] assignments)
        => previous.Zip(assignments).Where(pair => pair is { First: >= 0, Second: >= 0 }).CountBy(pair => pair)
            .GroupBy(count => count.Key.First)
            .ToDictionary(counts => counts.Key, counts => counts.OrderByDescending(count => count.Value).ThenBy(count => count.Key.Second).First().Key.Second);
}
