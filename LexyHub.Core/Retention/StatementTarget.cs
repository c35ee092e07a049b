using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Core.Retention;

/// <summary>Rows of which one statement removes at most @count that are older than @before, and says how many they were.</summary>
internal sealed class StatementTarget(string name, Func<RetentionOptions, TimeSpan> keep, string sql, string? table = null) : RetentionTarget
{
    private const int RowsPerBatch = 1_000;

    private const int KeptRuns = 100;

    private const string RunsSql = """
        with old as (
            select r.id
            from unnest(@jobs) as job (name)
            cross join lateral (
                select started_at from job_runs where job_name = job.name order by started_at desc offset @kept - 1 limit 1) newest
            left join lateral (
                select id from job_runs where job_name = job.name and status in ('succeeded', 'partial') order by started_at desc limit 1) success on true
            cross join lateral (
                select id from job_runs
                where job_name = job.name and started_at < least(@before, newest.started_at) and status <> 'running' and id is distinct from success.id
                order by started_at limit @count) r
            limit @count
        ), answers as (
            delete from lexyhub_jobs.run_answers a using old where a.run_id = old.id
        ), gone as (
            delete from job_runs r using old where r.id = old.id returning 1
        )
        select count(*) from gone
        """;

    private const string AnswersSql = """
        with gone as (
            delete from lexyhub_jobs.run_answers
            where run_id in (select run_id from lexyhub_jobs.run_answers where created_at < @before limit @count)
            returning 1
        )
        select count(*) from gone
        """;

    private const string KeysSql = """
        with gone as (
            update lexyhub_jobs.run_answers set idempotency_key = null
            where run_id in (select run_id from lexyhub_jobs.run_answers where created_at < @before and idempotency_key is not null limit @count)
            returning 1
        )
        select count(*) from gone
        """;

    private const string EmbeddingQuarantineSql = """
        with gone as (
            delete from lexyhub_jobs.embedding_quarantine q
            where (q.kind, q.item) in (
                select o.kind, o.item from lexyhub_jobs.embedding_quarantine o
                where o.kind = 'keyword' and o.last_at < @before and not exists (select from lexyhub_jobs.keyword_terms t where t.term = o.item)
                limit @count)
                and not exists (select from lexyhub_jobs.keyword_terms where term is null)
            returning 1
        )
        select count(*) from gone
        """;

    private const string IntentQuarantineSql = """
        with gone as (
            delete from lexyhub_jobs.intent_quarantine
            where (kind, item_id) in (
                select q.kind, q.item_id from lexyhub_jobs.intent_quarantine q
                where q.last_at < @before and case q.kind
                    when 'keyword' then not exists (select from keywords k where k.id = q.item_id)
                    else not exists (select from listings l where l.id = q.item_id) end
                limit @count)
            returning 1
        )
        select count(*) from gone
        """;

    // Few rows of many bytes: a rebuild goes whole. A run that is under way may have taken it up just before it was too old.
    private const string RebuildsSql = """
        with old as (
            select id from lexyhub_jobs.cluster_rebuilds
            where started_at < @before
                and not exists (select from lexyhub_jobs.job_leases where job = @rebuildClusters and expires_at > clock_timestamp())
            order by started_at limit 1
        ), vectors as (
            delete from lexyhub_jobs.cluster_rebuild_vectors using old where rebuild_id = old.id
        ), markets as (
            delete from lexyhub_jobs.cluster_rebuild_markets using old where rebuild_id = old.id
        ), members as (
            delete from lexyhub_jobs.cluster_rebuild_members using old where rebuild_id = old.id
        ), lineage as (
            delete from lexyhub_jobs.cluster_rebuild_lineage using old where rebuild_id = old.id
        ), clusters as (
            delete from lexyhub_jobs.cluster_rebuild_clusters using old where rebuild_id = old.id
        ), gone as (
            delete from lexyhub_jobs.cluster_rebuilds r using old where r.id = old.id returning 1
        )
        select count(*) from gone
        """;

    private const string LineageSql = """
        with gone as (
            delete from lexyhub_jobs.cluster_lineage
            where (run_id, cluster_id) in (select run_id, cluster_id from lexyhub_jobs.cluster_lineage where recorded_at < @before limit @count)
            returning 1
        )
        select count(*) from gone
        """;

    public static IReadOnlyList<RetentionTarget> All { get; } =
    [
        new StatementTarget("runs", options => options.Runs, RunsSql),
        new StatementTarget("answers", options => options.Answers, AnswersSql),
        new StatementTarget("idempotency-keys", options => options.IdempotencyKeys, KeysSql),
        new StatementTarget("quarantine", options => options.Quarantine, EmbeddingQuarantineSql),
        new StatementTarget("intent-quarantine", options => options.Quarantine, IntentQuarantineSql),
        new StatementTarget("checkpoints", options => options.Checkpoints, RebuildsSql, "lexyhub_jobs.cluster_rebuilds"),
        new StatementTarget("cluster-lineage", options => options.Runs, LineageSql, "lexyhub_jobs.cluster_lineage"),
    ];

    public override string Name => name;

    public override string? Table => table;

    public override TimeSpan Keep(RetentionOptions options) => keep(options);

    public override async Task<PrunedBatch> PruneAsync(
        NpgsqlConnection connection, DateTimeOffset before, string? place, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<DateTime>("before", before.UtcDateTime),
                new NpgsqlParameter<int>("count", RowsPerBatch),
                new NpgsqlParameter<int>("kept", KeptRuns),
                new NpgsqlParameter<string>("rebuildClusters", JobCatalog.RebuildClusters),
                new NpgsqlParameter<string[]>("jobs", [.. JobCatalog.All.Select(job => job.Name)]),
            },
        };
        var rows = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        return new PrunedBatch(rows, null, HasMore: rows > 0);
    }
}
