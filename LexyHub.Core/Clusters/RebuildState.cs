using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>What a rebuild does next, in this order.</summary>
internal enum RebuildStage
{
    /// <summary>Vectors are being read into the snapshot.</summary>
    Reading,

    /// <summary>The markets are being clustered, one after the other.</summary>
    Clustering,

    /// <summary>The new clusters are given the ids of stored ones.</summary>
    Matching,

    /// <summary>Centroids and similarities are being computed in all dimensions.</summary>
    Describing,

    /// <summary>Clusters are being named by their members' words.</summary>
    Labelling,

    /// <summary>Clusters are being named by a chat model.</summary>
    Naming,

    /// <summary>Clusters are being put on the map.</summary>
    Placing,

    /// <summary>The new clusters take the place of the old ones.</summary>
    Swapping,
}

/// <summary>Where a rebuild is; kept in its row, and written with what it counts.</summary>
internal sealed record RebuildState
{
    public RebuildStage Stage { get; init; }

    /// <summary>Reading: the term after which it goes on.</summary>
    public string After { get; init; } = "";

    /// <summary>Reading: the next page; describing and naming: the next cluster; labelling: the next market.</summary>
    public int Next { get; init; }

    /// <summary>Terms of a market that are in the snapshot.</summary>
    public long Points { get; init; }

    /// <summary>Terms that have no vector of the model yet.</summary>
    public long Missing { get; init; }

    /// <summary>Terms whose vector is unfit.</summary>
    public long Rejected { get; init; }

    /// <summary>Naming: a run's budget ended before the model had answered for the next clusters.</summary>
    public bool IsUnanswered { get; init; }

    /// <summary>Naming: clusters that keep their names because the day's cap of tokens was used up.</summary>
    public long Unnamed { get; init; }

    public IReadOnlyList<ItemError> Errors { get; init; } = [];
}

/// <summary>A rebuild that is under way.</summary>
internal sealed record ClusterRebuild(Guid Id, RebuildState State);
