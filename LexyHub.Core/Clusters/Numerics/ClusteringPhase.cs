namespace LexyHub.Core.Clusters.Numerics;

/// <summary>Where a <see cref="SphericalClustering"/> stands.</summary>
internal enum ClusteringPhase
{
    /// <summary>Vectors are cut into coarse cells, in which near ones are looked for.</summary>
    Dividing,

    /// <summary>The nearest neighbours of every vector are being found.</summary>
    Relating,

    /// <summary>First centroids are chosen.</summary>
    Seeding,

    /// <summary>Vectors move to their nearest centroid, centroids to the middle of their vectors.</summary>
    Moving,

    /// <summary>Clusters that are two are split, two that are one are merged.</summary>
    Reshaping,

    /// <summary>Outliers are told from members, and groups are looked for among them.</summary>
    Trimming,

    Done,
}
