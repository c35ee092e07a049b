namespace LexyHub.Core.Clusters.Numerics;

/// <summary>What a clustering shall be like. The same options over the same vectors give the same result to the bit.</summary>
internal sealed record ClusteringOptions
{
    /// <summary>Keywords that a cluster should have on average, outliers aside, 2 to 10,000. A guide: the data decides.</summary>
    public int TargetSize { get; init; } = 20;

    /// <summary>Clusters wanted exactly, instead of a number from the data: nothing is split, merged or left out. For measurements.</summary>
    public int? Count { get; init; }

    /// <summary>Cosine to its cluster below which a keyword is an outlier whatever the data says, 0 to 1.</summary>
    public float OutlierFloor { get; init; } = 0.2f;

    /// <summary>Members below which a group is no cluster: its members are outliers. At least 1.</summary>
    public int SmallestCluster { get; init; } = 2;

    /// <summary>Passes of k-means at most.</summary>
    public int MaxIterations { get; init; } = 25;

    public ulong Seed { get; init; } = 1;

    /// <summary>Threads at most; 0 is one per core. Makes no difference to the result.</summary>
    public int Threads { get; init; }
}
