using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Clusters;

/// <summary>The name that a new cluster was given or has kept so far.</summary>
/// <param name="Naming">Null: it has none.</param>
internal sealed record NewClusterName(int Number, ClusterNaming? Naming);

/// <summary>Reads and writes the names and places of new clusters.</summary>
internal static class LabelStore
{
    private const string ReadSql = """
        select number, label, description, confidence, label_source, labelled_members, labelled_at
        from lexyhub_jobs.cluster_rebuild_clusters
        where rebuild_id = @id and market = @market
        order by number
        """;

    private const string WriteSql = """
        update lexyhub_jobs.cluster_rebuild_clusters c
        set label = n.label, description = n.description, confidence = n.confidence, label_source = n.source,
            labelled_members = n.members, labelled_at = n.named_at
        from unnest(@numbers, @labels, @descriptions, @confidences, @sources, @members, @namedAt)
            as n (number, label, description, confidence, source, members, named_at)
        where c.rebuild_id = @id and c.number = n.number
        """;

    private const string ReadPlacesSql = """
        select number, reduced_centroid, map_x::float8, map_y::float8 from lexyhub_jobs.cluster_rebuild_clusters where rebuild_id = @id order by number
        """;

    private const string WritePlacesSql = """
        update lexyhub_jobs.cluster_rebuild_clusters c set map_x = p.x, map_y = p.y
        from unnest(@numbers, @xs, @ys) as p (number, x, y)
        where c.rebuild_id = @id and c.number = p.number
        """;

    public static async Task<List<NewClusterName>> ReadAsync(NpgsqlDataSource dataSource, Guid id, string market, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new NpgsqlParameter<string>("market", market));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<NewClusterName>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var naming = reader.IsDBNull(1) ? null : new ClusterNaming(
                reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetFloat(3),
                reader.GetString(4),
                reader.GetFieldValue<byte[]>(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                null);
            names.Add(new NewClusterName(reader.GetInt32(0), naming));
        }

        return names;
    }

    public static async Task WriteAsync(
        NpgsqlConnection connection, Guid id, IReadOnlyList<(int Number, ClusterNaming Naming)> names, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WriteSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new NpgsqlParameter<int[]>("numbers", [.. names.Select(name => name.Number)]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("labels", [.. names.Select(name => name.Naming.Label)]));
        command.Parameters.Add(new NpgsqlParameter<string?[]>("descriptions", [.. names.Select(name => name.Naming.Description)]));
        command.Parameters.Add(new NpgsqlParameter<float?[]>("confidences", [.. names.Select(name => name.Naming.Confidence)]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("sources", [.. names.Select(name => name.Naming.Source)]));
        command.Parameters.Add(new NpgsqlParameter("members", NpgsqlDbType.Array | NpgsqlDbType.Bytea) { Value = names.Select(name => name.Naming.Members).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]>("namedAt", [.. names.Select(name => name.Naming.NamedAt.UtcDateTime)]));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>The new clusters' centroids, and where those that there were before lay.</returns>
    public static async Task<List<(int Number, float[] Centroid, MapPoint? Before)>> ReadPlacesAsync(
        NpgsqlDataSource dataSource, Guid id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadPlacesSql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var places = new List<(int, float[], MapPoint?)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            places.Add((
                reader.GetInt32(0),
                MemoryMarshal.Cast<byte, float>(reader.GetFieldValue<byte[]>(1)).ToArray(),
                reader.IsDBNull(2) || reader.IsDBNull(3) ? null : new MapPoint(reader.GetDouble(2), reader.GetDouble(3))));
        }

        return places;
    }

    public static async Task WritePlacesAsync(
        NpgsqlConnection connection, Guid id, IReadOnlyList<int> numbers, IReadOnlyList<MapPoint> places, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WritePlacesSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new NpgsqlParameter<int[]>("numbers", [.. numbers]));
        command.Parameters.Add(new NpgsqlParameter<float[]>("xs", [.. places.Select(place => (float)place.X)]));
        command.Parameters.Add(new NpgsqlParameter<float[]>("ys", [.. places.Select(place => (float)place.Y)]));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
