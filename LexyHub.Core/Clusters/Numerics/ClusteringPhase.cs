namespace LexyHub.Core.Clusters.Numerics;

/// <summary>Where a <see cref="SphericalClustering"/> stands.</summary>
internal enum ClusteringPhase
{
    /// <summary>First centroids are being chosen.</summary>
    Seeding,

    /// <summary>Vectors move to their nearest centroid, centroids to the middle of their vectors.</summary>
    Moving,

    /// <summary>Clusters that are two are split, two that are one are merged.</summary>
    Reshaping,

    /// <summary>Outliers are told from members.</summary>
    Trimming,

    Done,
}
