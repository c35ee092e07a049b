using System.Globalization;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>Makes due what no trigger tells: a quarantine that has run out at every run; and, once a UTC day or when the model, the prompt or the
/// taxonomy has changed, whatever a comparison of all texts with all classifications finds.</summary>
internal sealed class IntentReconciliation(TimeProvider time, ILogger logger)
{
    private const string ReconciledState = "intents-reconciled";
    private const string TriggersState = "intent-triggers";
    private const int TimeoutSeconds = 300;

    private const string ReleaseSql = """
        insert into lexyhub_jobs.intent_due (kind, item_id)
        select kind, item_id from lexyhub_jobs.intent_quarantine where retry_at <= @now
        on conflict do nothing
        """;

    private const string WaitingSql = "select exists (select from lexyhub_jobs.intent_quarantine where retry_at <= @now)";

    private const string ReconcileKeywordsSql = """
        insert into lexyhub_jobs.intent_due (kind, item_id)
        select 'keyword', k.id
        from keywords k left join lexyhub_jobs.intent_classifications c on c.kind = 'keyword' and c.item_id = k.id
        where c.item_id is null
            or (not @local or c.model like @localModels)
                and c.content_hash <> encode(sha256(convert_to(@hashPrefix || k.term, 'UTF8')), 'hex')
        on conflict do nothing
        """;

    private const string ReconcileListingsSql = $"""
        insert into lexyhub_jobs.intent_due (kind, item_id)
        select 'listing', l.id
        from listings l left join lexyhub_jobs.intent_classifications c on c.kind = 'listing' and c.item_id = l.id
        where c.item_id is null
            or (not @local or c.model like @localModels)
                and c.content_hash <> encode(sha256(convert_to(@hashPrefix || {ListingText.Sql}, 'UTF8')), 'hex')
        on conflict do nothing
        """;

    private const string RemoveOrphansSql = """
        delete from lexyhub_jobs.intent_classifications c
        where kind = 'keyword' and not exists (select from keywords k where k.id = c.item_id)
            or kind = 'listing' and not exists (select from listings l where l.id = c.item_id)
        """;

    public async Task RunAsync(JobContext context, IntentScope scope, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime).ToString("O", CultureInfo.InvariantCulture);
        var state = $"{today} {scope.HashPrefix} {ListingText.Template}";
        var (isDue, isWaiting) = await LookAsync(context, state, now, cancellationToken);
        if (!isDue && !isWaiting)
            return;

        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        var connection = transaction.Connection;
        await ExecuteAsync(connection, ReleaseSql, cancellationToken, new NpgsqlParameter<DateTimeOffset>("now", now));
        if (isDue)
        {
            foreach (var sql in (string[])[ReconcileKeywordsSql, ReconcileListingsSql])
            {
                await ExecuteAsync(
                    connection, sql, cancellationToken, new NpgsqlParameter<string>("hashPrefix", scope.HashPrefix),
                    new NpgsqlParameter<bool>("local", scope.IsLocal), new NpgsqlParameter<string>("localModels", IntentScope.LocalModels));
            }

            await ExecuteAsync(connection, RemoveOrphansSql, cancellationToken);
            await JobStateStore.WriteAsync(connection, ReconciledState, state, cancellationToken);
        }

        await transaction.CommitAsync(context.LastProgress with { Stage = "comparing texts" }, cancellationToken);
    }

    private async Task<(bool IsDue, bool IsWaiting)> LookAsync(
        JobContext context, string state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await context.DataSource.OpenConnectionAsync(cancellationToken);
        var triggersDenied = await JobStateStore.ReadAsync(connection, TriggersState, cancellationToken) is not null;
        if (triggersDenied)
            Log.TriggersDenied(logger);

        var isDue = triggersDenied || await JobStateStore.ReadAsync(connection, ReconciledState, cancellationToken) != state;
        await using var waiting = new NpgsqlCommand(WaitingSql, connection) { Parameters = { new NpgsqlParameter<DateTimeOffset>("now", now) } };
        return (isDue, await waiting.ExecuteScalarAsync(cancellationToken) is true);
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = TimeoutSeconds };
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
