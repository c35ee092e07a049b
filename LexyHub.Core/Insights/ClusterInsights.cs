using LexyHub.Core.Data;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Insights;

/// <summary>The clusters: as a list, as a map, and one with its members.</summary>
internal sealed class ClusterInsights(LexyHubDatabase database)
{
    /// <summary>Members shown of one cluster.</summary>
    public const int MembersShown = 200;

    // extras is LexyHub's too, and may hold anything: a value of another type than ours counts as missing.
    private const string ReadSql = """
        select c.id, c.label, c.description, c.market, c.member_count, c.momentum, c.confidence, c.cohesion, c.x, c.y, c.updated_at, c.intents
        from (
            select id, label, description, updated_at,
                case when jsonb_typeof(extras -> 'market') = 'string' then extras ->> 'market' end as market,
                case when jsonb_typeof(extras #> '{stats,memberCount}') = 'number' then (extras #>> '{stats,memberCount}')::numeric::bigint
                    else coalesce(cardinality(members), 0) end as member_count,
                case when jsonb_typeof(extras #> '{stats,averageMomentum}') = 'number' then (extras #>> '{stats,averageMomentum}')::double precision end as momentum,
                case when jsonb_typeof(extras -> 'confidence') = 'number' then (extras ->> 'confidence')::double precision end as confidence,
                case when jsonb_typeof(extras -> 'cohesion') = 'number' then (extras ->> 'cohesion')::double precision end as cohesion,
                case when jsonb_typeof(extras #> '{map,x}') = 'number' then (extras #>> '{map,x}')::double precision end as x,
                case when jsonb_typeof(extras #> '{map,y}') = 'number' then (extras #>> '{map,y}')::double precision end as y,
                case when jsonb_typeof(extras #> '{stats,intents}') = 'object' then (extras #> '{stats,intents}')::text end as intents
            from concept_clusters where @id is null or id = @id
        ) c
        where (@market is null or c.market = @market) and (@search is null or strpos(lower(c.label), @search) > 0)
            and (@before is null or (c.member_count, c.id) < (@before, @beforeId))
        order by c.member_count desc, c.id desc limit @limit
        """;

    private const string SummarySql = """
        select count(*), coalesce(sum(case when jsonb_typeof(extras #> '{stats,memberCount}') = 'number'
                then (extras #>> '{stats,memberCount}')::numeric::bigint else coalesce(cardinality(members), 0) end), 0)::bigint,
            max(updated_at), array_remove(array_agg(distinct case when jsonb_typeof(extras -> 'market') = 'string' then extras ->> 'market' end), null)
        from concept_clusters
        """;

    private const string MembersSql = """
        select m.term, m.similarity::double precision, t.momentum, coalesce(t.surge, false)
        from (
            select term, max(similarity) as similarity, min(rank) as rank
            from lexyhub_jobs.cluster_members where cluster_id = @id group by term order by rank, term limit @limit) m
        left join lexyhub_jobs.term_trends t on t.term = m.term
        order by m.rank, m.term
        """;

    private const string LabelledMembersSql = """
        select m.term, null::double precision, t.momentum, coalesce(t.surge, false)
        from concept_clusters c
        cross join lateral unnest(c.members) with ordinality as m (term, rank)
        left join lexyhub_jobs.term_trends t on t.term = m.term
        where c.id = @id and m.term is not null order by m.rank limit @limit
        """;

    private const string ThereSql = "select to_regclass('public.concept_clusters') is not null and to_regclass('lexyhub_jobs.cluster_members') is not null";

    /// <returns>False where the migrations that need pgvector are not applied.</returns>
    public async Task<bool> AreThereAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ThereSql, connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    public async Task<ClusterSummary> SummariseAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(SummarySql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new ClusterSummary(
            reader.GetInt64(0),
            reader.GetInt64(1),
            reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
            reader.IsDBNull(3) ? [] : reader.GetFieldValue<string[]>(3));
    }

    /// <summary>Largest first.</summary>
    public async Task<List<ClusterRow>> ReadAsync(ClusterQuestion question, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ReadSql, connection)
        {
            Parameters =
            {
                new("id", NpgsqlDbType.Uuid) { Value = (object?)question.Id ?? DBNull.Value },
                new("market", NpgsqlDbType.Text) { Value = (object?)question.Market ?? DBNull.Value },
                new("search", NpgsqlDbType.Text) { Value = (object?)question.Search ?? DBNull.Value },
                new("before", NpgsqlDbType.Bigint) { Value = (object?)question.Before?.Members ?? DBNull.Value },
                new NpgsqlParameter<Guid>("beforeId", question.Before?.Id ?? Guid.Empty),
                new NpgsqlParameter<int>("limit", question.Limit),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<ClusterRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new ClusterRow(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetInt64(4),
                Number(reader, 5),
                Number(reader, 6),
                Number(reader, 7),
                Number(reader, 8),
                Number(reader, 9),
                reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10),
                reader.IsDBNull(11) ? null : reader.GetString(11)));
        }

        return rows;
    }

    /// <summary>The cluster's members, nearest to its centre first, at most <see cref="MembersShown"/>; of a cluster that the job
    /// did not make, those that its row names.</summary>
    public async Task<List<ClusterMember>> ReadMembersAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var members = await ReadMembersAsync(connection, MembersSql, id, cancellationToken);
        return members.Count > 0 ? members : await ReadMembersAsync(connection, LabelledMembersSql, id, cancellationToken);
    }

    private static async Task<List<ClusterMember>> ReadMembersAsync(NpgsqlConnection connection, string sql, Guid id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters = { new NpgsqlParameter<Guid>("id", id), new NpgsqlParameter<int>("limit", MembersShown) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var members = new List<ClusterMember>();
        while (await reader.ReadAsync(cancellationToken))
        {
            members.Add(new ClusterMember(reader.GetString(0), Number(reader, 1), reader.IsDBNull(2) ? null : reader.GetDecimal(2), reader.GetBoolean(3)));
        }

        return members;
    }

    private static double? Number(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
}

/// <param name="Id">One cluster alone; null for all.</param>
/// <param name="Market">Only of that market.</param>
/// <param name="Search">Only where the label contains it; in lower case.</param>
/// <param name="Before">Only clusters that come after this place, largest first.</param>
/// <param name="Limit">Clusters at most.</param>
internal sealed record ClusterQuestion(Guid? Id, string? Market, string? Search, ClusterPlace? Before, int Limit);

/// <summary>A place in the list of clusters, largest first.</summary>
internal sealed record ClusterPlace(long Members, Guid Id)
{
    /// <returns>Null where the text is no place.</returns>
    public static ClusterPlace? Parse(string text)
        => text.Split('~') is [var members, var id]
            && long.TryParse(members, System.Globalization.CultureInfo.InvariantCulture, out var count) && Guid.TryParse(id, out var cluster)
                ? new ClusterPlace(count, cluster)
                : null;

    public override string ToString() => $"{Members}~{Id}";
}

/// <param name="Members">Keywords in all clusters.</param>
/// <param name="UpdatedAt">When a cluster was last written, UTC; null where there is none.</param>
internal sealed record ClusterSummary(long Clusters, long Members, DateTimeOffset? UpdatedAt, IReadOnlyList<string> Markets);

/// <param name="Momentum">Mean of its members', 0–1.</param>
/// <param name="Confidence">0–1.</param>
/// <param name="Cohesion">Mean cosine similarity of its members to its centre.</param>
/// <param name="X">Its place on the map, −1 to 1; null where it has none.</param>
/// <param name="Y">Likewise.</param>
/// <param name="Intents">JSON object: its members' intents, counted; null where they are not known.</param>
internal sealed record ClusterRow(
    Guid Id, string Label, string? Description, string? Market, long MemberCount,
    double? Momentum, double? Confidence, double? Cohesion, double? X, double? Y, DateTimeOffset? UpdatedAt, string? Intents);

/// <param name="Similarity">Cosine similarity to the cluster's centre.</param>
internal sealed record ClusterMember(string Term, double? Similarity, decimal? Momentum, bool Surge);
