namespace LexyHub.Core.Clusters;

/// <summary>The statements of <see cref="ClusterSwap"/>, in order.</summary>
internal static class ClusterSwapSql
{
    // Members are put into clusters by another job too: one waits here for the other's transaction. The key is an arbitrary
    // constant of ours.
    public const string Lock = "select pg_advisory_xact_lock(1818589307)";

    public const string Snapshot = """
        create temporary table cluster_swap_snapshot on commit drop as
        select v.market, unnest(v.terms) as term from lexyhub_jobs.cluster_rebuild_vectors v where v.rebuild_id = @id
        """;

    // The tables of a rebuild are empty between two of them, and so are their statistics: joined where they are, one would be
    // read whole for each row of the other. Hence the copies, which are analysed.
    public const string NewClusters = """
        create temporary table cluster_swap_new on commit drop as
        select number, market, cluster_id, reduced_centroid, centroid, cohesion, threshold, label, description, confidence, label_source,
            labelled_members, labelled_at, map_x, map_y
        from lexyhub_jobs.cluster_rebuild_clusters where rebuild_id = @id
        """;

    public const string Members = """
        create temporary table cluster_swap_members on commit drop as
        select number, market, term, similarity, rank from lexyhub_jobs.cluster_rebuild_members where rebuild_id = @id
        """;

    // Keywords that went, or came, since the snapshot are seen as they are now.
    public const string Keywords = """
        create temporary table cluster_swap_keywords on commit drop as
        select k.id as keyword_id, s.market, s.term, n.cluster_id, m.similarity, m.rank, k.trend_momentum, coalesce(i.intent, k.extras ->> 'intent') as intent
        from cluster_swap_snapshot s
        join lexyhub_jobs.keyword_terms t on t.term = s.term and t.term <> ''
        join keywords k on k.id = t.keyword_id and coalesce(k.market, '') = s.market
        left join lexyhub_jobs.intent_classifications i on i.kind = 'keyword' and i.item_id = k.id
        left join (cluster_swap_members m join cluster_swap_new n on n.number = m.number) on m.market = s.market and m.term = s.term
        """;

    public const string KeywordsIndex = "create unique index on cluster_swap_keywords (keyword_id)";

    public const string HasNoKeyword = "select not exists (select from cluster_swap_keywords) and exists (select from concept_clusters)";

    public const string Clusters = """
        create temporary table cluster_swap on commit drop as
        select c.cluster_id, c.label, c.description, t.terms,
            jsonb_build_object(
                'market', c.market,
                'cohesion', round(c.cohesion::numeric, 4),
                'confidence', round(c.confidence::numeric, 4),
                'exemplars', to_jsonb(t.terms[1:@exemplars]),
                'map', jsonb_build_object('x', round(c.map_x::numeric, 4), 'y', round(c.map_y::numeric, 4))) as extras,
            jsonb_build_object(
                'memberCount', cardinality(t.terms),
                'averageMomentum', k.momentum,
                'intents', coalesce(i.intents, '{}'),
                'dominantIntent', i.dominant) as stats,
            jsonb_build_object(
                'job', 'rebuild-clusters', 'runId', @runId, 'model', @model, 'local', @local,
                'labelSource', c.label_source, 'labelledAt', c.labelled_at) as audit
        from cluster_swap_new c
        join (
            select cluster_id, array_agg(term order by rank, term) as terms
            from (select distinct cluster_id, term, rank from cluster_swap_keywords where cluster_id is not null) one
            group by cluster_id) t on t.cluster_id = c.cluster_id
        join (
            select cluster_id, round(avg(trend_momentum), 3) as momentum from cluster_swap_keywords group by cluster_id) k on k.cluster_id = c.cluster_id
        left join (
            select cluster_id, jsonb_object_agg(intent, keywords) as intents, (array_agg(intent order by keywords desc, intent))[1] as dominant
            from (
                select cluster_id, intent, count(*) as keywords
                from cluster_swap_keywords where cluster_id is not null and intent <> '' group by cluster_id, intent) one
            group by cluster_id) i on i.cluster_id = c.cluster_id
        """;

    // Keywords go, and LexyHub's own code writes clusters, after the matching: what retires is only known here. What went into a
    // cluster that has gone itself has retired.
    public const string Retire = """
        with gone as (
            delete from concept_clusters c where not exists (select from cluster_swap s where s.cluster_id = c.id)
            returning c.id, c.label
        )
        insert into lexyhub_jobs.cluster_lineage (run_id, cluster_id, kind, other_id, shared_members, market, label, recorded_at)
        select @runId, g.id, case when s.cluster_id is null then 'retired' else 'merged' end, s.cluster_id,
            case when s.cluster_id is null then 0 else l.shared_members end, coalesce(f.market, ''), coalesce(g.label, ''), @now
        from gone g
        left join lexyhub_jobs.cluster_facts f on f.cluster_id = g.id
        left join lexyhub_jobs.cluster_rebuild_lineage l on l.rebuild_id = @id and l.cluster_id = g.id and l.kind = 'merged'
        left join cluster_swap s on s.cluster_id = l.other_id
        """;

    // audit tells of the run that last changed something else.
    public const string Keep = """
        with fresh as (
            select s.*, n.centroid, o.old || s.extras || jsonb_build_object('stats', o.stats || s.stats) as merged, o.audit || s.audit as merged_audit
            from cluster_swap s
            join cluster_swap_new n on n.cluster_id = s.cluster_id
            join concept_clusters c on c.id = s.cluster_id
            cross join lateral (
                select case when jsonb_typeof(c.extras) = 'object' then c.extras else '{}' end as old,
                    case when jsonb_typeof(c.extras -> 'stats') = 'object' then c.extras -> 'stats' else '{}' end as stats,
                    case when jsonb_typeof(c.extras -> 'audit') = 'object' then c.extras -> 'audit' else '{}' end as audit) o
        )
        update concept_clusters c
        set centroid_vector = f.centroid, label = f.label, description = f.description, members = f.terms,
            extras = f.merged || jsonb_build_object('audit', f.merged_audit), updated_at = @now
        from fresh f
        where c.id = f.cluster_id
            and (c.centroid_vector is distinct from f.centroid or c.label is distinct from f.label or c.description is distinct from f.description
                or c.members is distinct from f.terms or c.extras - 'audit' is distinct from f.merged - 'audit')
        """;

    public const string Create = """
        insert into concept_clusters (id, centroid_vector, label, description, members, extras, created_at, updated_at)
        select s.cluster_id, n.centroid, s.label, s.description, s.terms, s.extras || jsonb_build_object('stats', s.stats, 'audit', s.audit), @now, @now
        from cluster_swap s join cluster_swap_new n on n.cluster_id = s.cluster_id
        where not exists (select from concept_clusters c where c.id = s.cluster_id)
        """;

    // What was put into the old clusters after the snapshot is put into the new ones next.
    public const string PlaceAgain = """
        insert into lexyhub_jobs.cluster_due_terms (term)
        select distinct m.term from lexyhub_jobs.cluster_members m
        where not exists (select from cluster_swap_snapshot s where s.term = m.term and s.market = m.market)
        on conflict do nothing
        """;

    public const string RemoveMembers = """
        delete from lexyhub_jobs.cluster_members m
        where not exists (select from cluster_swap_keywords k where k.keyword_id = m.keyword_id and k.cluster_id is not null)
        """;

    public const string ChangeMembers = """
        update lexyhub_jobs.cluster_members m
        set cluster_id = k.cluster_id, market = k.market, term = k.term, similarity = k.similarity, rank = k.rank, placed_at = @now
        from cluster_swap_keywords k
        where k.keyword_id = m.keyword_id and k.cluster_id is not null
            and (m.cluster_id, m.market, m.term, m.similarity, m.rank) is distinct from (k.cluster_id, k.market, k.term, k.similarity, k.rank)
        """;

    // A member that is there has been changed already. Looked for by a join, the table would be read whole for each keyword at the first rebuild:
    // its statistics say that it is empty.
    public const string AddMembers = """
        insert into lexyhub_jobs.cluster_members (keyword_id, cluster_id, market, term, similarity, rank, placed_at)
        select k.keyword_id, k.cluster_id, k.market, k.term, k.similarity, k.rank, @now
        from cluster_swap_keywords k
        where k.cluster_id is not null
        on conflict (keyword_id) do nothing
        """;

    // Keywords that went, or have another term or market, since they were looked at above: their triggers found no member yet.
    // One that goes in a transaction under way here is a member until the next rebuild: to wait for it could lock each other out.
    public const string RemoveGone = """
        delete from lexyhub_jobs.cluster_members m
        where not exists (
            select from lexyhub_jobs.keyword_terms t join keywords k on k.id = t.keyword_id
            where t.keyword_id = m.keyword_id and coalesce(t.term, m.term) = m.term and coalesce(k.market, '') = m.market)
        """;

    // A term is due no longer where each keyword that has it now was looked at above, or where none has it any more.
    public const string Settle = """
        delete from lexyhub_jobs.cluster_due_terms d
        where not exists (
            select from lexyhub_jobs.keyword_terms t join keywords k on k.id = t.keyword_id
            where t.term = d.term and t.term <> ''
                and not exists (
                    select from cluster_swap_keywords s
                    where s.keyword_id = k.id and s.term = t.term and s.market = coalesce(k.market, '')))
        """;

    public const string RemoveFacts = "delete from lexyhub_jobs.cluster_facts f where not exists (select from cluster_swap s where s.cluster_id = f.cluster_id)";

    public const string WriteFacts = """
        insert into lexyhub_jobs.cluster_facts as f (
            cluster_id, market, model, reduction, centroid, threshold, label_source, labelled_members, labelled_at)
        select c.cluster_id, c.market, @model, @reduction, c.reduced_centroid, c.threshold, c.label_source, c.labelled_members, c.labelled_at
        from cluster_swap_new c join cluster_swap s on s.cluster_id = c.cluster_id
        on conflict (cluster_id) do update
        set market = excluded.market, model = excluded.model, reduction = excluded.reduction, centroid = excluded.centroid,
            threshold = excluded.threshold, label_source = excluded.label_source, labelled_members = excluded.labelled_members,
            labelled_at = excluded.labelled_at
        where (f.market, f.model, f.reduction, f.centroid, f.threshold, f.label_source, f.labelled_members, f.labelled_at)
            is distinct from (excluded.market, excluded.model, excluded.reduction, excluded.centroid, excluded.threshold,
                excluded.label_source, excluded.labelled_members, excluded.labelled_at)
        """;

    public const string RemoveMarkets = """
        delete from lexyhub_jobs.cluster_markets m
        where not exists (select from lexyhub_jobs.cluster_rebuild_markets r where r.rebuild_id = @id and r.market = m.market and r.terms is not null)
        """;

    public const string WriteMarkets = """
        insert into lexyhub_jobs.cluster_markets as m (market, terms)
        select market, terms from lexyhub_jobs.cluster_rebuild_markets where rebuild_id = @id and terms is not null
        on conflict (market) do update set terms = excluded.terms where m.terms <> excluded.terms
        """;

    // What was born, unless its keywords have gone since.
    public const string WriteLineage = """
        insert into lexyhub_jobs.cluster_lineage (run_id, cluster_id, kind, other_id, shared_members, market, label, recorded_at)
        select @runId, l.cluster_id, l.kind, l.other_id, l.shared_members, l.market, s.label, @now
        from lexyhub_jobs.cluster_rebuild_lineage l join cluster_swap s on s.cluster_id = l.cluster_id
        where l.rebuild_id = @id and l.kind in ('born', 'split')
        """;

    public const string ForgetLineage = "delete from lexyhub_jobs.cluster_lineage where recorded_at < @now - @lineageAge";

    public const string Counts = """
        select (select count(*) from cluster_swap), count(*) filter (where cluster_id is not null), count(*) filter (where cluster_id is null)
        from cluster_swap_keywords
        """;
}
