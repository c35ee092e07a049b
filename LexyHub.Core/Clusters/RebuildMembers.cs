using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>The new clusters with their members, numbered over all markets.</summary>
internal sealed class RebuildMembers
{
    private RebuildMembers(IReadOnlyList<NewCluster> clusters, IReadOnlyList<float> thresholds)
    {
        Clusters = clusters;
        Thresholds = thresholds;
    }

    /// <summary>By number.</summary>
    public IReadOnlyList<NewCluster> Clusters { get; }

    /// <summary>By number: cosine from which a new keyword joins.</summary>
    public IReadOnlyList<float> Thresholds { get; }

    public static async Task<RebuildMembers> ReadAsync(
        NpgsqlDataSource dataSource, Guid id, int dimensions, CancellationToken cancellationToken)
    {
        var clusters = new List<NewCluster>();
        var thresholds = new List<float>();
        foreach (var market in await SnapshotStore.ReadMarketsAsync(dataSource, id, cancellationToken))
        {
            var terms = await SnapshotStore.ReadTermsAsync(dataSource, id, market, cancellationToken);
            var result = await MarketStore.ReadResultAsync(dataSource, id, market, cancellationToken);
            var members = Enumerable.Range(0, result.Centroids.Length / dimensions).Select(_ => new List<string>()).ToArray();
            for (var row = 0; row < terms.Count; row++)
            {
                if (result.Assignments[row] is >= 0 and var cluster)
                {
                    members[cluster].Add(terms[row]);
                }
            }

            for (var cluster = 0; cluster < members.Length; cluster++)
            {
                if (members[cluster].Count > 0)
                {
                    clusters.Add(new NewCluster(
                        clusters.Count, market, members[cluster], result.Centroids.AsSpan(cluster * dimensions, dimensions).ToArray()));
                    thresholds.Add(result.Threshold);
                }
            }
        }

        return new RebuildMembers(clusters, thresholds);
    }
}
