using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>A cluster as it is shown.</summary>
/// <param name="Market">Null where LexyHub's own code made it.</param>
/// <param name="AverageMomentum">0–1; null where no member has one.</param>
/// <param name="Cohesion">Mean cosine of the members to the centroid.</param>
/// <param name="X">Place on the map, −1 to 1.</param>
public sealed record ClusterSummary(
    Guid Id, string Label, string? Description, string? Market, int Size, double? AverageMomentum, double? Cohesion, string? DominantIntent, double? X, double? Y);

/// <summary>A keyword in a cluster.</summary>
/// <param name="Rank">1 is the most central.</param>
/// <param name="Similarity">Cosine to the centroid.</param>
public sealed record ClusterKeyword(int Rank, string Term, double Similarity, double? Momentum);

/// <summary>How the cluster, or one that went into it or came of it, came or went.</summary>
public sealed record ClusterChange(DateTimeOffset RecordedAt, string Kind, Guid ClusterId, string Label, Guid? OtherId, int SharedMembers);

/// <summary>Reads clusters to show them.</summary>
public sealed class ClusterCatalog(LexyHubDatabase database)
{
    private const string Columns = """
        c.id, c.label, c.description, c.extras ->> 'market', coalesce(cardinality(c.members), 0),
        case when jsonb_typeof(c.extras #> '{stats,averageMomentum}') = 'number' then (c.extras #>> '{stats,averageMomentum}')::float8 end,
        case when jsonb_typeof(c.extras -> 'cohesion') = 'number' then (c.extras ->> 'cohesion')::float8 end,
        c.extras #>> '{stats,dominantIntent}',
        case when jsonb_typeof(c.extras #> '{map,x}') = 'number' then (c.extras #>> '{map,x}')::float8 end,
        case when jsonb_typeof(c.extras #> '{map,y}') = 'number' then (c.extras #>> '{map,y}')::float8 end
        """;

    private const string ListSql = $"""
        select {Columns} from concept_clusters c
        where @market::text is null or c.extras ->> 'market' = @market
        order by cardinality(c.members) desc nulls last, c.label, c.id limit @count
        """;

    // An id may be cut short, as a table shows it.
    private const string FindSql = $"select {Columns} from concept_clusters c where starts_with(c.id::text, @id) order by c.id limit 2";

    private const string KeywordsSql = """
        select m.rank, m.term, max(m.similarity)::float8, max(k.trend_momentum)::float8
        from lexyhub_jobs.cluster_members m left join keywords k on k.id = m.keyword_id
        where m.cluster_id = @id
        group by m.rank, m.term order by m.rank, m.term limit @count
        """;

    private const string ChangesSql = """
        select recorded_at, kind, cluster_id, label, other_id, shared_members
        from lexyhub_jobs.cluster_lineage where cluster_id = @id or other_id = @id
        order by recorded_at desc, kind, cluster_id limit @count
        """;

    /// <param name="market">Null for all.</param>
    /// <param name="count">At most so many, the largest.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public Task<IReadOnlyList<ClusterSummary>> ListAsync(string? market, int count, CancellationToken cancellationToken)
        => ReadAsync(
            ListSql,
            Summary,
            cancellationToken,
            new NpgsqlParameter<string?>("market", market),
            new NpgsqlParameter<int>("count", count));

    /// <param name="id">Whole, or its beginning.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <returns>Those that it fits, at most two.</returns>
    public Task<IReadOnlyList<ClusterSummary>> FindAsync(string id, CancellationToken cancellationToken)
        => ReadAsync(FindSql, Summary, cancellationToken, new NpgsqlParameter<string>("id", id));

    /// <returns>The most central keywords of a cluster, each term once.</returns>
    public Task<IReadOnlyList<ClusterKeyword>> ReadKeywordsAsync(Guid id, int count, CancellationToken cancellationToken)
        => ReadAsync(
            KeywordsSql,
            static reader => new ClusterKeyword(reader.GetInt32(0), reader.GetString(1), reader.GetDouble(2), Number(reader, 3)),
            cancellationToken,
            new NpgsqlParameter<Guid>("id", id),
            new NpgsqlParameter<int>("count", count));

    /// <returns>What came of and into a cluster, the latest first.</returns>
    public Task<IReadOnlyList<ClusterChange>> ReadChangesAsync(Guid id, int count, CancellationToken cancellationToken)
        => ReadAsync(
            ChangesSql,
            static reader => new ClusterChange(
                reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), reader.GetGuid(2), reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetGuid(4), reader.GetInt32(5)),
            cancellationToken,
            new NpgsqlParameter<Guid>("id", id),
            new NpgsqlParameter<int>("count", count));

    private static ClusterSummary Summary(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        Text(reader, 1) ?? "",
        Text(reader, 2),
        Text(reader, 3),
        reader.GetInt32(4),
        Number(reader, 5),
        Number(reader, 6),
        Text(reader, 7),
        Number(reader, 8),
        Number(reader, 9));

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static double? Number(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);

    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }
}
