using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Clusters;

/// <summary>Section <c>Clusters</c>. A change of what shapes the clusters begins a rebuild that is under way anew.</summary>
public sealed class ClusterOptions
{
    /// <summary>Keywords that a cluster should have on average, outliers aside. A guide: the data decides.</summary>
    [Range(2, 10_000)]
    public int TargetSize { get; set; } = 20;

    /// <summary>Members below which a group is no cluster: its members stay unclustered.</summary>
    [Range(1, 1_000)]
    public int SmallestCluster { get; set; } = 2;

    /// <summary>Cosine to its cluster below which a keyword stays unclustered whatever the data says.</summary>
    [Range(0.0, 1.0)]
    public double OutlierFloor { get; set; } = 0.2;

    /// <summary>Dimensions to which vectors are shortened for the clustering; centroids are stored in all. Null, the default, is what
    /// suits the model: 512 for OpenAI's third generation, 1,024 for others.</summary>
    [Range(16, 3_072)]
    public int? Dimensions { get; set; }

    /// <summary>Passes of k-means at most.</summary>
    [Range(1, 500)]
    public int MaxIterations { get; set; } = 25;

    /// <summary>Threads at most; 0 is one per core. Makes no difference to the result.</summary>
    [Range(0, 256)]
    public int Threads { get; set; }

    /// <summary>A cluster is named anew where fewer of its members than this are those that the label was made for (what both have
    /// of what either has, 0–1).</summary>
    [Range(0.0, 1.0)]
    public double RelabelBelow { get; set; } = 0.75;

    /// <summary>Names come from the chat model where one is configured; false takes the members' words always.</summary>
    public bool LabelByModel { get; set; } = true;

    /// <summary>Tokens, read and written, per UTC day over all runs; null for no cap. Clusters that it leaves without a new name keep
    /// the one that they have, and the run ends with <c>stopReason</c> <c>cap</c>.</summary>
    [Range(typeof(long), "1", "9223372036854775807")]
    public long? MaxTokensPerDay { get; set; }

    /// <summary>Where there are clusters and less than this share of the keywords has a vector of the current model, they are left
    /// as they are until embed-missing has caught up; where none has one, at any value.</summary>
    [Range(0.0, 1.0)]
    public double MinCoverage { get; set; } = 0.5;
}
