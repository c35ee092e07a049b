namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Centroids in full width from vectors that pass by once: sums of unit vectors per cluster. Memory is 8 bytes per dimension and
/// cluster (25 MB for 1,000 clusters of 3,072 dimensions).
/// </summary>
/// <remarks>The sums depend on the order of the vectors in their last bits: add them in the order of the rows.</remarks>
internal sealed class CentroidAccumulator(int clusters, int dimensions)
{
    private readonly double[] sums = new double[(long)clusters * dimensions];
    private readonly int[] counts = new int[clusters];

    public int Count(int cluster) => counts[cluster];

    /// <summary>Adds the vector, normalised, to its cluster; refuses what <see cref="VectorSet.TryAdd"/> refuses.</summary>
    public VectorRejection TryAdd(int cluster, ReadOnlySpan<float> vector)
    {
        if (vector.Length != dimensions)
            return VectorRejection.WrongDimensions;

        var rejection = UnitVector.Scale(vector, out var scale);
        if (rejection != VectorRejection.None)
            return rejection;

        var sum = sums.AsSpan(cluster * dimensions, dimensions);
        for (var i = 0; i < vector.Length; i++)
            sum[i] += vector[i] * scale;

        counts[cluster]++;
        return VectorRejection.None;
    }

    /// <summary>Writes the unit vector in the middle of the cluster's vectors.</summary>
    /// <returns>False where it has none, or they cancel each other out: the target is zero then.</returns>
    public bool TryWrite(int cluster, Span<float> centroid)
        => UnitVector.TryWrite(sums.AsSpan(cluster * dimensions, dimensions), centroid);
}
