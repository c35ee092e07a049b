namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Tells outliers from members in the space of the vectors as they are: a member's cosine to the middle of the *other* members of
/// its cluster has to reach the threshold.
/// </summary>
/// <remarks>
/// The threshold is where keywords commonly are to the nearest cluster that is not theirs (a low quantile of it over a sample), and
/// at least the floor: what is no nearer to its cluster than others are to a wrong one belongs to none. Leaving the member itself
/// out keeps pairs and other small clusters from passing by their own weight. Who was a member yesterday stays one a little below.
/// </remarks>
/// <param name="vectors">As they are.</param>
/// <param name="previous">Of each row yesterday's cluster, negative: none; empty where there is no yesterday.</param>
/// <param name="assignments">Of each row its cluster; rewritten.</param>
/// <param name="clusters">How many there are.</param>
/// <param name="options">Floor and smallest size.</param>
/// <param name="threads">No difference to the result.</param>
internal sealed class OutlierTrimming(
    VectorSet vectors, int[] previous, int[] assignments, int clusters, ClusteringOptions options, ParallelOptions threads)
{
    private const int SampleSize = 2_000;
    private const double Quantile = 0.25;

    // Of the threshold, for members of yesterday.
    private const double Leniency = 0.85;

    private readonly double[][] sums = new double[clusters][];

    /// <summary>Marks outliers and dissolves what is left too small, in <c>assignments</c>.</summary>
    /// <returns>The threshold.</returns>
    public float Apply()
    {
        var members = ClusterMembers.Of(assignments, clusters);
        Parallel.For(0, clusters, threads, cluster => vectors.Sum(members[cluster], sums[cluster] = new double[vectors.Dimensions]));
        var threshold = Math.Max(options.OutlierFloor, CommonlyWrong(members));
        var others = new double[vectors.Count];
        Parallel.For(0, vectors.Count, threads, row =>
        {
            if (assignments[row] >= 0)
                others[row] = ToOthers(vectors[row], sums[assignments[row]]);
        });
        for (var row = 0; row < vectors.Count; row++)
        {
            if (assignments[row] >= 0 && others[row] < threshold * (previous.Length > 0 && previous[row] >= 0 ? Leniency : 1))
                assignments[row] = ClusteringResult.Outlier;
        }

        members = ClusterMembers.Of(assignments, clusters);
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            if (members[cluster].Length >= options.SmallestCluster)
                continue;
            foreach (var row in members[cluster])
                assignments[row] = ClusteringResult.Outlier;
        }

        Rescue(vectors, assignments, clusters, threshold, threads);
        return threshold;
    }

    /// <summary>What its own cluster does not hold may be near another: where a new keyword would be put as well.</summary>
    public static void Rescue(VectorSet vectors, int[] assignments, int clusters, float threshold, ParallelOptions threads)
    {
        var nearest = NearestCluster.Of(vectors, assignments, clusters, threads);
        for (var row = 0; row < vectors.Count; row++)
        {
            if (assignments[row] < 0 && nearest[row].Cluster >= 0 && nearest[row].Similarity >= threshold)
                assignments[row] = nearest[row].Cluster;
        }
    }

    /// <returns>Cosine of a vector to the middle of those that it was added up with; −1 where there are no others.</returns>
    public static double ToOthers(ReadOnlySpan<float> vector, double[] sum)
    {
        var (dot, square) = (0d, 0d);
        for (var i = 0; i < vector.Length; i++)
        {
            var other = sum[i] - vector[i];
            dot += other * vector[i];
            square += other * other;
        }

        // Alone: near nothing but itself.
        return square < 1e-12 ? -1 : dot / Math.Sqrt(square);
    }

    private float CommonlyWrong(ClusterMembers members)
    {
        var filled = Enumerable.Range(0, clusters).Where(cluster => members[cluster].Length > 0).ToArray();
        if (filled.Length < 2)
            return -1;

        var centroids = VectorSet.Zeros(vectors.Dimensions, filled.Length);
        for (var i = 0; i < filled.Length; i++)
            UnitVector.TryWrite(sums[filled[i]], centroids.Writable(i));

        var count = Math.Min(SampleSize, vectors.Count);
        var wrong = new double[count];
        Parallel.For(0, count, threads, i =>
        {
            var row = (int)((long)i * vectors.Count / count);
            var nearest = double.NegativeInfinity;
            for (var j = 0; j < filled.Length; j++)
            {
                if (filled[j] != assignments[row])
                    nearest = Math.Max(nearest, ExactDot.Of(vectors[row], centroids[j]));
            }

            wrong[i] = nearest;
        });
        Array.Sort(wrong);
        return (float)wrong[(int)(Quantile * (count - 1))];
    }
}
