using LexyHub.Core.Embeddings;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>Reads the terms that are due to be put into a cluster, and writes where they belong.</summary>
internal static class PlacementStore
{
    // Terms without a vector yet stay due, and all do while there are no clusters: the first rebuild takes them. Those that no
    // keyword has any more come with no market.
    private const string DueSql = """
        with page as materialized (
            select d.term from lexyhub_jobs.cluster_due_terms d
            where d.term > @after
                and exists (select from lexyhub_jobs.cluster_facts where model = @model)
                and (
                    exists (
                        select from embeddings e
                        where e.term_hash = encode(sha256(convert_to(@model || '::' || d.term, 'UTF8')), 'hex') and e.model = @model)
                    or not exists (select from lexyhub_jobs.keyword_terms t where t.term = d.term and t.term <> ''))
            order by d.term limit @count
        )
        select p.term, array(
            select distinct coalesce(k.market, '')
            from lexyhub_jobs.keyword_terms t join keywords k on k.id = t.keyword_id
            where t.term = p.term and t.term <> ''
            order by 1)
        from page p order by p.term
        """;

    // A cluster may have retired since it was read: then the keywords stay due.
    private const string PlaceSql = """
        with places as (
            select p.* from unnest(@terms, @markets, @clusters, @similarities) as p (term, market, cluster_id, similarity)
            where exists (select from concept_clusters c where c.id = p.cluster_id)
        ), placed as (
            insert into lexyhub_jobs.cluster_members as m (keyword_id, cluster_id, market, term, similarity, rank)
            select k.id, p.cluster_id, p.market, p.term, p.similarity, 0
            from places p
            join lexyhub_jobs.keyword_terms t on t.term = p.term and t.term <> ''
            join keywords k on k.id = t.keyword_id and coalesce(k.market, '') = p.market
            on conflict (keyword_id) do nothing
            returning m.cluster_id, m.term
        ), grown as (
            update concept_clusters c
            set members = coalesce(c.members, '{}') || n.terms,
                extras = jsonb_set(
                    case when jsonb_typeof(c.extras -> 'stats') = 'object' then c.extras
                        else (case when jsonb_typeof(c.extras) = 'object' then c.extras else '{}' end) || '{"stats": {}}' end,
                    '{stats,memberCount}',
                    to_jsonb(cardinality(coalesce(c.members, '{}')) + cardinality(n.terms))),
                updated_at = now()
            from (
                select p.cluster_id, array_agg(distinct p.term order by p.term) as terms
                from placed p join concept_clusters old on old.id = p.cluster_id
                where not p.term = any (coalesce(old.members, '{}'))
                group by p.cluster_id) n
            where c.id = n.cluster_id
        )
        select count(*) from placed
        """;

    private const string RankSql = """
        update lexyhub_jobs.cluster_members m set rank = r.rank
        from (
            select keyword_id, dense_rank() over (partition by cluster_id order by similarity desc, term) as rank
            from lexyhub_jobs.cluster_members where cluster_id = any (@clusters)) r
        where m.keyword_id = r.keyword_id and m.rank <> r.rank
        """;

    private const string SettleSql = """
        delete from lexyhub_jobs.cluster_due_terms d using unnest(@settled) as s (term)
        where d.term = s.term
            and not exists (
                select from unnest(@terms, @clusters) as p (term, cluster_id)
                where p.term = s.term and not exists (select from concept_clusters c where c.id = p.cluster_id))
        """;

    /// <param name="after">The last term of the page before; '' at first.</param>
    public static async Task<List<PlaceableTerm>> ReadDueAsync(
        NpgsqlDataSource dataSource, EmbeddingScope embeddings, string after, int count, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(DueSql);
        command.Parameters.Add(new NpgsqlParameter<string>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        command.Parameters.Add(new NpgsqlParameter<string>("model", embeddings.Model));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<PlaceableTerm>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(new PlaceableTerm(reader.GetString(0), reader.GetFieldValue<string[]>(1)));
        }

        return due;
    }

    /// <summary>Within the caller's transaction.</summary>
    /// <param name="settled">Terms that are due no longer, near a cluster or not.</param>
    /// <returns>Keywords that were put into a cluster.</returns>
    public static async Task<long> WriteAsync(
        NpgsqlConnection connection, string[] settled, IReadOnlyList<ClusterPlace> places, CancellationToken cancellationToken)
    {
        await using (var command = new NpgsqlCommand(ClusterSwapSql.Lock, connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var terms = new NpgsqlParameter<string[]>("terms", [.. places.Select(place => place.Term)]);
        var clusters = new NpgsqlParameter<Guid[]>("clusters", [.. places.Select(place => place.ClusterId)]);
        long placed;
        await using (var command = new NpgsqlCommand(PlaceSql, connection) { Parameters = { terms, clusters } })
        {
            command.Parameters.Add(new NpgsqlParameter<string[]>("markets", [.. places.Select(place => place.Market)]));
            command.Parameters.Add(new NpgsqlParameter<float[]>("similarities", [.. places.Select(place => place.Similarity)]));
            placed = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }

        await using (var command = new NpgsqlCommand(RankSql, connection) { Parameters = { clusters.Clone() } })
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var command = new NpgsqlCommand(SettleSql, connection) { Parameters = { terms.Clone(), clusters.Clone() } })
        {
            command.Parameters.Add(new NpgsqlParameter<string[]>("settled", settled));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return placed;
    }
}
