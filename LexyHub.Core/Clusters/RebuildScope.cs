using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>What every stage of a rebuild works with.</summary>
internal sealed record RebuildScope(
    JobContext Context, Guid Id, EmbeddingScope Embeddings, DimensionReduction Reduction, ClusterOptions Options, TimeProvider Time)
{
    /// <summary>What this run has had named by a model.</summary>
    public NamingTally Naming { get; } = new();

    // Grows with every change that makes clusters of another kind: a rebuild under way is begun anew then.
    private const int Version = 5;

    public NpgsqlDataSource DataSource => Context.DataSource;

    public string Model => Embeddings.Model;

    /// <summary>As it is stored with a centroid: centroids of another reduction cannot be compared.</summary>
    public string ReductionName => NameOf(Reduction);

    public ClusteringOptions Clustering => new()
    {
        TargetSize = Options.TargetSize,
        SmallestCluster = Options.SmallestCluster,
        OutlierFloor = (float)Options.OutlierFloor,
        MaxIterations = Options.MaxIterations,
        Threads = Options.Threads,
    };

    /// <summary>All that the result depends on beside the data.</summary>
    public static string SettingsOf(EmbeddingScope embeddings, DimensionReduction reduction, ClusterOptions options)
        => FormattableString.Invariant(
            $"v{Version} {embeddings.Model} {embeddings.Dimensions} {NameOf(reduction)} {options.TargetSize} {options.SmallestCluster} {options.OutlierFloor} {options.MaxIterations}");

    private static string NameOf(DimensionReduction reduction) => $"{reduction.Name}-{reduction.Dimensions}";
}
