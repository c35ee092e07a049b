using System.Globalization;
using LexyHub.Core.Data;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Jobs;

/// <summary>Keeps <c>lexyhub_jobs.keyword_terms</c>, the normal form of every keyword's term, in step with <c>keywords</c>.
/// Triggers note what is due, so that a run pays for what changed; once a UTC day the tables are compared in full.</summary>
public sealed class KeywordTerms(TimeProvider time, ILogger<KeywordTerms> logger)
{
    /// <summary>A longer term, in characters of its normal form, is matched by nothing: no signal or embedding is kept for it.</summary>
    public const int MaxLength = 500;

    private const int BatchSize = 20_000;
    private const string ReconciledState = "keyword-terms-reconciled";
    private const string TriggersState = "keyword-triggers";

    // Two jobs may do this at once: one waits here for the other's transaction, so that they cannot lock each other out. The
    // key is an arbitrary constant of ours.
    private const string LockSql = "select pg_advisory_xact_lock(1818589306);";

    private const string ReconcileSql = LockSql + """

        insert into lexyhub_jobs.keyword_terms (keyword_id)
        select k.id from keywords k
        where not exists (select from lexyhub_jobs.keyword_terms t where t.keyword_id = k.id)
        on conflict do nothing;

        update lexyhub_jobs.keyword_terms t set term = null
        from keywords k
        where k.id = t.keyword_id and t.term is not null and t.source_term is distinct from k.term;

        delete from lexyhub_jobs.keyword_terms t where not exists (select from keywords k where k.id = t.keyword_id);
        """;

    private const string ReadDueSql = """
        select k.id, k.term
        from lexyhub_jobs.keyword_terms t join keywords k on k.id = t.keyword_id
        where t.term is null
        limit @count
        """;

    // A term that was changed since it was read stays due. A keyword that joins a term which has a trend already is due to be
    // given it, and one that was renamed is due to lose the trend of its old term.
    private const string WriteSql = LockSql + """

        with normalised as (
            update lexyhub_jobs.keyword_terms t set term = fresh.term, source_term = fresh.source_term
            from unnest(@ids, @terms, @sourceTerms) as fresh (id, term, source_term)
            join keywords k on k.id = fresh.id and k.term = fresh.source_term
            join lexyhub_jobs.keyword_terms old on old.keyword_id = fresh.id
            where t.keyword_id = fresh.id
            returning t.term, old.source_term is not null and k.trend_momentum is not null as renamed
        )
        insert into lexyhub_jobs.trend_due as d (term)
        select distinct n.term from normalised n
        where n.term <> '' and (n.renamed or exists (select from lexyhub_jobs.term_trends t where t.term = n.term))
        order by 1
        on conflict (term) do update set version = d.version + 1
        """;

    /// <summary>Normalises what is due, in fenced batches, until nothing is or the run must stop.</summary>
    /// <exception cref="LeaseLostException">Another run holds the lease now.</exception>
    public async Task SyncAsync(JobContext context, CancellationToken cancellationToken)
    {
        await ReconcileAsync(context, cancellationToken);
        long done = 0;
        while (context.StopRequested is null)
        {
            var due = await ReadDueAsync(context, cancellationToken);
            if (due.Count == 0)
            {
                return;
            }

            await using var transaction = await context.BeginWriteAsync(cancellationToken);
            await using (var command = new NpgsqlCommand(WriteSql, transaction.Connection))
            {
                command.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. due.Select(keyword => keyword.Id)]));
                command.Parameters.Add(new NpgsqlParameter<string[]>("terms", [.. due.Select(keyword => Normalize(keyword.Term))]));
                command.Parameters.Add(new NpgsqlParameter<string[]>("sourceTerms", [.. due.Select(keyword => keyword.Term)]));
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            done += due.Count;
            await transaction.CommitAsync(context.LastProgress with { Stage = $"normalising keywords ({done})" }, cancellationToken);
            if (due.Count < BatchSize)
            {
                return;
            }
        }
    }

    private static string Normalize(string term)
        => TermText.Normalize(term) is { Length: <= MaxLength } normal ? normal : "";

    private async Task ReconcileAsync(JobContext context, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).ToString("O", CultureInfo.InvariantCulture);
        await using (var connection = await context.DataSource.OpenConnectionAsync(cancellationToken))
        {
            var triggersDenied = await JobStateStore.ReadAsync(connection, TriggersState, cancellationToken) is not null;
            if (triggersDenied)
            {
                Log.TriggersDenied(logger, "keywords");
            }
            else if (string.CompareOrdinal(await JobStateStore.ReadAsync(connection, ReconciledState, cancellationToken), today) >= 0)
            {
                return;
            }
        }

        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        await using (var command = new NpgsqlCommand(ReconcileSql, transaction.Connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await JobStateStore.WriteAsync(transaction.Connection, ReconciledState, today, cancellationToken);
        await transaction.CommitAsync(context.LastProgress with { Stage = "comparing keywords" }, cancellationToken);
    }

    private static async Task<List<(Guid Id, string Term)>> ReadDueAsync(JobContext context, CancellationToken cancellationToken)
    {
        await using var connection = await context.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ReadDueSql, connection)
        {
            Parameters = { new("count", NpgsqlDbType.Integer) { Value = BatchSize } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<(Guid, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add((reader.GetGuid(0), reader.GetString(1)));
        }

        return due;
    }
}
