namespace LexyHub.Core.Clusters.Numerics;

/// <summary>Clusters, numbered by their first member.</summary>
/// <param name="ClusterCount">None where there was nothing to cluster.</param>
/// <param name="Dimensions">Of a centroid.</param>
/// <param name="Assignments">For each row its cluster, or −1: an outlier.</param>
/// <param name="Similarities">For each row the cosine to the centroid of its cluster; for an outlier, to the nearest one.</param>
/// <param name="Centroids">Unit length, one after the other.</param>
/// <param name="Threshold">Cosine to the nearest centroid below which a new vector belongs to no cluster.</param>
/// <param name="Objective">Mean cosine of members to their centroid; 0 without members.</param>
internal sealed record ClusteringResult(
    int ClusterCount, int Dimensions, int[] Assignments, float[] Similarities, float[] Centroids, float Threshold, double Objective)
{
    public const int Outlier = -1;

    public ReadOnlySpan<float> Centroid(int cluster) => Centroids.AsSpan(cluster * Dimensions, Dimensions);
}
