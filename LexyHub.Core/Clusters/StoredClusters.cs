using System.Runtime.InteropServices;
using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>How a stored cluster is named, and where it lies on the map.</summary>
/// <param name="Source"><see cref="ClusterNaming.Words"/>, a chat model, or <see cref="ClusterNaming.LexyHub"/>.</param>
/// <param name="Members">Of the members that it was named for; see <see cref="MemberHashes"/>.</param>
internal sealed record ClusterNaming(
    string Label, string? Description, float? Confidence, string Source, byte[] Members, DateTimeOffset NamedAt, MapPoint? Place)
{
    public const string Words = "words";
    public const string LexyHub = "lexyhub";
}

/// <summary>A stored cluster with its name.</summary>
internal sealed record NamedCluster(StoredCluster Cluster, ClusterNaming Naming);

/// <summary>Reads the clusters that there are: ours, and those that LexyHub's own code made.</summary>
internal static class StoredClusters
{
    private const int PageSize = 500;

    private const string PageSql = """
        select c.id, f.market, coalesce(c.label, ''), c.description, c.members, coalesce(c.updated_at, now()),
            f.model = @model and f.reduction = @reduction, f.centroid, f.label_source, f.labelled_members, f.labelled_at,
            case when jsonb_typeof(c.extras -> 'confidence') = 'number' then (c.extras ->> 'confidence')::real end,
            case when jsonb_typeof(c.extras #> '{map,x}') = 'number' then (c.extras #>> '{map,x}')::float8 end,
            case when jsonb_typeof(c.extras #> '{map,y}') = 'number' then (c.extras #>> '{map,y}')::float8 end,
            array(select distinct m.term from lexyhub_jobs.cluster_members m where m.cluster_id = c.id)
        from concept_clusters c left join lexyhub_jobs.cluster_facts f on f.cluster_id = c.id
        where c.id > @after
        order by c.id limit @count
        """;

    /// <returns>Every row of <c>concept_clusters</c>, by id.</returns>
    public static async Task<List<NamedCluster>> ReadAsync(
        NpgsqlDataSource dataSource, string model, string reduction, CancellationToken cancellationToken)
    {
        var clusters = new List<NamedCluster>();
        var after = Guid.Empty;
        while (true)
        {
            await using var command = dataSource.CreateCommand(PageSql);
            command.Parameters.Add(new NpgsqlParameter<string>("model", model));
            command.Parameters.Add(new NpgsqlParameter<string>("reduction", reduction));
            command.Parameters.Add(new NpgsqlParameter<Guid>("after", after));
            command.Parameters.Add(new NpgsqlParameter<int>("count", PageSize));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var read = 0;
            for (; await reader.ReadAsync(cancellationToken); read++)
            {
                clusters.Add(reader.IsDBNull(1) ? Foreign(reader) : Own(reader));
            }

            if (read < PageSize)
            {
                return clusters;
            }

            after = clusters[^1].Cluster.Id;
        }
    }

    private static NamedCluster Own(NpgsqlDataReader reader)
    {
        var centroid = reader.GetBoolean(6) ? MemoryMarshal.Cast<byte, float>(reader.GetFieldValue<byte[]>(7)).ToArray() : null;
        return new NamedCluster(
            new StoredCluster(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<string[]>(14), centroid),
            new ClusterNaming(
                reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(11) ? null : reader.GetFloat(11),
                reader.GetString(8),
                reader.GetFieldValue<byte[]>(9),
                reader.GetFieldValue<DateTimeOffset>(10),
                reader.IsDBNull(12) || reader.IsDBNull(13) ? null : new MapPoint(reader.GetDouble(12), reader.GetDouble(13))));
    }

    // Its members are all that is known of it. Its name is kept while they stay together.
    private static NamedCluster Foreign(NpgsqlDataReader reader)
    {
        var terms = reader.IsDBNull(4) ? [] : reader.GetFieldValue<string?[]>(4).Select(TermText.Normalize).Where(term => term.Length > 0).Distinct().ToList();
        return new NamedCluster(
            new StoredCluster(reader.GetGuid(0), null, reader.GetString(2), terms, null),
            new ClusterNaming(
                reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(11) ? null : reader.GetFloat(11),
                ClusterNaming.LexyHub,
                MemberHashes.Of(terms),
                reader.GetFieldValue<DateTimeOffset>(5),
                null));
    }
}
