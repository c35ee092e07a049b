using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Clusters;

/// <summary>Writes the new clusters where they wait for the swap.</summary>
internal static class NewClusterStore
{
    private const string CopySql = """
        copy lexyhub_jobs.cluster_rebuild_clusters (
            rebuild_id, number, market, cluster_id, is_new, reduced_centroid, threshold,
            label, description, confidence, label_source, labelled_members, labelled_at, map_x, map_y) from stdin (format binary)
        """;

    private const string LineageSql = """
        insert into lexyhub_jobs.cluster_rebuild_lineage (rebuild_id, cluster_id, kind, other_id, shared_members, market, label)
        select @id, l.cluster_id, l.kind, l.other_id, l.shared_members, l.market, l.label
        from unnest(@ids, @kinds, @others, @shared, @markets, @labels) as l (cluster_id, kind, other_id, shared_members, market, label)
        """;

    public static async Task WriteAsync(
        NpgsqlConnection connection,
        Guid id,
        RebuildMembers members,
        ClusterMatches matches,
        IReadOnlyDictionary<Guid, ClusterNaming> naming,
        CancellationToken cancellationToken)
    {
        await using (var writer = await connection.BeginBinaryImportAsync(CopySql, cancellationToken))
        {
            foreach (var (number, clusterId, stored) in matches.Identities)
            {
                var cluster = members.Clusters[number];
                await writer.StartRowAsync(cancellationToken);
                await writer.WriteAsync(id, NpgsqlDbType.Uuid, cancellationToken);
                await writer.WriteAsync(number, NpgsqlDbType.Integer, cancellationToken);
                await writer.WriteAsync(cluster.Market, NpgsqlDbType.Text, cancellationToken);
                await writer.WriteAsync(clusterId, NpgsqlDbType.Uuid, cancellationToken);
                await writer.WriteAsync(stored is null, NpgsqlDbType.Boolean, cancellationToken);
                await writer.WriteAsync(MemoryMarshal.AsBytes(cluster.Centroid.AsSpan()).ToArray(), NpgsqlDbType.Bytea, cancellationToken);
                await writer.WriteAsync(members.Thresholds[number], NpgsqlDbType.Real, cancellationToken);
                await WriteNamingAsync(writer, stored is null ? null : naming[stored.Id], cancellationToken);
            }

            await writer.CompleteAsync(cancellationToken);
        }

        await using var lineage = new NpgsqlCommand(LineageSql, connection);
        lineage.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        lineage.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. matches.Lineage.Select(change => change.ClusterId)]));
        lineage.Parameters.Add(new NpgsqlParameter<string[]>("kinds", [.. matches.Lineage.Select(change => change.Kind)]));
        lineage.Parameters.Add(new NpgsqlParameter<Guid?[]>("others", [.. matches.Lineage.Select(change => change.OtherId)]));
        lineage.Parameters.Add(new NpgsqlParameter<int[]>("shared", [.. matches.Lineage.Select(change => change.SharedMembers)]));
        lineage.Parameters.Add(new NpgsqlParameter<string[]>("markets", [.. matches.Lineage.Select(change => change.Market)]));
        lineage.Parameters.Add(new NpgsqlParameter<string[]>("labels", [.. matches.Lineage.Select(change => change.Label)]));
        await lineage.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task WriteNamingAsync(NpgsqlBinaryImporter writer, ClusterNaming? naming, CancellationToken cancellationToken)
    {
        await WriteAsync(naming?.Label, NpgsqlDbType.Text);
        await WriteAsync(naming?.Description, NpgsqlDbType.Text);
        await WriteAsync(naming?.Confidence, NpgsqlDbType.Real);
        await WriteAsync(naming?.Source, NpgsqlDbType.Text);
        await WriteAsync(naming?.Members, NpgsqlDbType.Bytea);
        await WriteAsync(naming?.NamedAt.UtcDateTime, NpgsqlDbType.TimestampTz);
        await WriteAsync((float?)naming?.Place?.X, NpgsqlDbType.Real);
        await WriteAsync((float?)naming?.Place?.Y, NpgsqlDbType.Real);

        Task WriteAsync(object? value, NpgsqlDbType type)
            => value is null ? writer.WriteNullAsync(cancellationToken) : writer.WriteAsync(value, type, cancellationToken);
    }
}
