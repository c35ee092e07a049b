using LexyHub.Core.Clusters.Numerics;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>The clusters of a market as they are stored: where the next ones begin, whatever model or reduction these were found with.</summary>
internal sealed class MarketMembers
{
    private const string MembersSql = """
        select m.term, m.cluster_id
        from lexyhub_jobs.cluster_members m join concept_clusters c on c.id = m.cluster_id
        where m.market = @market
        group by m.term, m.cluster_id
        order by m.cluster_id, m.term
        """;

    private const string TermsSql = "select terms from lexyhub_jobs.cluster_markets where market = @market";

    private readonly Dictionary<string, int> clusterOf = new(StringComparer.Ordinal);

    private MarketMembers(int? terms) => Terms = terms;

    public int ClusterCount { get; private set; }

    /// <summary>See <see cref="ClusterGrowth.Terms"/>; null before the first rebuild that notes it.</summary>
    public int? Terms { get; }

    public static async Task<MarketMembers> ReadAsync(NpgsqlDataSource dataSource, string market, CancellationToken cancellationToken)
    {
        await using var terms = dataSource.CreateCommand(TermsSql);
        terms.Parameters.Add(new NpgsqlParameter<string>("market", market));
        var members = new MarketMembers(await terms.ExecuteScalarAsync(cancellationToken) as int?);

        await using var command = dataSource.CreateCommand(MembersSql);
        command.Parameters.Add(new NpgsqlParameter<string>("market", market));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        for (var last = Guid.Empty; await reader.ReadAsync(cancellationToken);)
        {
            var id = reader.GetGuid(1);
            if (members.ClusterCount == 0 || id != last)
            {
                members.ClusterCount++;
            }

            last = id;
            members.clusterOf[reader.GetString(0)] = members.ClusterCount - 1;
        }

        return members;
    }

    /// <returns>Of each term the number of its cluster, −1 where it is in none.</returns>
    public int[] Previous(IReadOnlyList<string> terms)
        => [.. terms.Select(term => clusterOf.GetValueOrDefault(term, ClusteringResult.Outlier))];
}
