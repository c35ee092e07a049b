namespace LexyHub.Core.Clusters.Numerics;

/// <summary>The nearest centroid that is known.</summary>
/// <param name="Cluster">−1 where there is none.</param>
/// <param name="Similarity">By <see cref="ExactDot"/>.</param>
internal readonly record struct Nearest(int Cluster, double Similarity)
{
    public static Nearest None { get; } = new(-1, double.NegativeInfinity);

    /// <summary>The nearer one; of two that are equally near, the one with the lower number.</summary>
    public Nearest Or(int cluster, double similarity)
        => similarity > Similarity || (similarity == Similarity && cluster < Cluster) ? new Nearest(cluster, similarity) : this;
}
