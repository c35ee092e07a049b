using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace LexyHub.Core.Clusters;

/// <summary>Writes centroids and members of new clusters, and reads the members again.</summary>
internal static class DescribedClusterStore
{
    private const string UpdateSql = """
        update lexyhub_jobs.cluster_rebuild_clusters c set centroid = d.centroid, cohesion = d.cohesion
        from unnest(@numbers, @centroids, @cohesions) as d (number, centroid, cohesion)
        where c.rebuild_id = @id and c.number = d.number
        """;

    // All of its vectors have gone since the snapshot.
    private const string DeleteEmptySql = """
        delete from lexyhub_jobs.cluster_rebuild_clusters where rebuild_id = @id and number = any (@empty)
        """;

    private const string CopySql = """
        copy lexyhub_jobs.cluster_rebuild_members (rebuild_id, number, market, term, similarity, rank) from stdin (format binary)
        """;

    private const string ReadSql = """
        select number, term, similarity from lexyhub_jobs.cluster_rebuild_members
        where rebuild_id = @id and market = @market
        order by number, rank
        """;

    public static async Task WriteAsync(
        NpgsqlConnection connection, Guid id, IReadOnlyList<DescribedCluster> clusters, CancellationToken cancellationToken)
    {
        await using (var command = new NpgsqlCommand(UpdateSql, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
            command.Parameters.Add(new NpgsqlParameter<int[]>("numbers", [.. clusters.Select(cluster => cluster.Number)]));
            command.Parameters.AddWithValue("centroids", clusters.Select(cluster => new Vector(cluster.Centroid)).ToArray());
            command.Parameters.Add(new NpgsqlParameter<float[]>("cohesions", [.. clusters.Select(cluster => (float)cluster.Cohesion)]));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var command = new NpgsqlCommand(DeleteEmptySql, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
            command.Parameters.Add(new NpgsqlParameter<int[]>("empty", [.. clusters.Where(cluster => cluster.Members.Count == 0).Select(cluster => cluster.Number)]));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var writer = await connection.BeginBinaryImportAsync(CopySql, cancellationToken);
        foreach (var cluster in clusters)
        {
            for (var i = 0; i < cluster.Members.Count; i++)
            {
                await writer.StartRowAsync(cancellationToken);
                await writer.WriteAsync(id, NpgsqlDbType.Uuid, cancellationToken);
                await writer.WriteAsync(cluster.Number, NpgsqlDbType.Integer, cancellationToken);
                await writer.WriteAsync(cluster.Market, NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(cluster.Members[i].Term, NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(cluster.Members[i].Similarity, NpgsqlDbType.Real, cancellationToken);
                await writer.WriteAsync(i + 1, NpgsqlDbType.Integer, cancellationToken);
            }
        }

        await writer.CompleteAsync(cancellationToken);
    }

    /// <returns>The members of a market's new clusters by number, the most central first.</returns>
    public static async Task<IReadOnlyDictionary<int, IReadOnlyList<LabelMember>>> ReadMembersAsync(
        NpgsqlDataSource dataSource, Guid id, string market, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new NpgsqlParameter<string>("market", market));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var members = new Dictionary<int, IReadOnlyList<LabelMember>>();
        var (number, current) = (-1, new List<LabelMember>());
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetInt32(0) != number)
            {
                (number, current) = (reader.GetInt32(0), []);
                members[number] = current;
            }

            current.Add(new LabelMember(reader.GetString(1), reader.GetFloat(2)));
        }

        return members;
    }
}
