using System.Globalization;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>Makes due what no trigger tells: a quarantine that has run out at every run; and, once a UTC day or when the model,
/// its dimensions or the template has changed, whatever a comparison of all texts with all vectors finds.</summary>
internal sealed class DueReconciliation(TimeProvider time, ILogger logger)
{
    private const string ReconciledState = "embeddings-reconciled";
    private const string TriggersState = "listing-triggers";
    private const int TimeoutSeconds = 300;

    private const string ReleaseTermsSql = """
        insert into lexyhub_jobs.embedding_due_terms (term)
        select item from lexyhub_jobs.embedding_quarantine where kind = 'keyword' and retry_at <= @now
        on conflict do nothing
        """;

    private const string ReleaseListingsSql = """
        insert into lexyhub_jobs.embedding_due_listings (listing_id)
        select item::uuid from lexyhub_jobs.embedding_quarantine where kind = 'listing' and retry_at <= @now
        on conflict do nothing
        """;

    private const string WaitingSql = "select exists (select from lexyhub_jobs.embedding_quarantine where retry_at <= @now)";

    private const string WidthSql = """
        select atttypmod from pg_attribute where attrelid = 'embeddings'::regclass and attname = 'embedding'
        """;

    private const string ReconcileTermsSql = """
        insert into lexyhub_jobs.embedding_due_terms (term)
        select t.term
        from (select distinct term from lexyhub_jobs.keyword_terms where term <> '') t
        left join embeddings e
            on e.term_hash = encode(sha256(convert_to(@model || '::' || t.term, 'UTF8')), 'hex') and e.model = @model
        where e.term_hash is null
        on conflict do nothing
        """;

    private const string ReconcileListingsSql = $"""
        insert into lexyhub_jobs.embedding_due_listings (listing_id)
        select l.id
        from listings l left join lexyhub_jobs.listing_embeddings e on e.listing_id = l.id
        where e.listing_id is null
            or (not @local or e.model like @localModels)
                and (e.model <> @model or e.text_hash <> encode(sha256(convert_to({ListingText.Sql}, 'UTF8')), 'hex'))
        on conflict do nothing
        """;

    private const string RemoveOrphansSql = """
        delete from lexyhub_jobs.listing_embeddings e where not exists (select from listings l where l.id = e.listing_id)
        """;

    public async Task RunAsync(JobContext context, EmbeddingScope scope, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime).ToString("O", CultureInfo.InvariantCulture);
        var state = $"{today} {scope.Model} {scope.Dimensions} {ListingText.Template}";
        var (isDue, isWaiting) = await LookAsync(context, scope, state, now, cancellationToken);
        if (!isDue && !isWaiting)
        {
            return;
        }

        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        var connection = transaction.Connection;
        NpgsqlParameter Now() => new NpgsqlParameter<DateTimeOffset>("now", now);
        await ExecuteAsync(connection, ReleaseTermsSql, cancellationToken, Now());
        await ExecuteAsync(connection, ReleaseListingsSql, cancellationToken, Now());
        if (isDue)
        {
            await ExecuteAsync(connection, ReconcileTermsSql, cancellationToken, new NpgsqlParameter<string>("model", scope.Model));
            await ExecuteAsync(
                connection,
                ReconcileListingsSql,
                cancellationToken,
                new NpgsqlParameter<string>("model", scope.Model),
                new NpgsqlParameter<bool>("local", scope.IsLocal),
                new NpgsqlParameter<string>("localModels", EmbeddingScope.LocalModels));
            await ExecuteAsync(connection, RemoveOrphansSql, cancellationToken);
            await JobStateStore.WriteAsync(connection, ReconciledState, state, cancellationToken);
        }

        await transaction.CommitAsync(context.LastProgress with { Stage = "comparing texts" }, cancellationToken);
    }

    private async Task<(bool IsDue, bool IsWaiting)> LookAsync(
        JobContext context, EmbeddingScope scope, string state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await context.DataSource.OpenConnectionAsync(cancellationToken);
        await using (var width = new NpgsqlCommand(WidthSql, connection))
        {
            if (await width.ExecuteScalarAsync(cancellationToken) is int columns and > 0 && columns != scope.Dimensions)
            {
                throw new JobException(
                    "dimensions-mismatch", 500, $"The model gives {scope.Dimensions} dimensions, embeddings.embedding holds {columns}. Set Embeddings:Dimensions to {columns}.");
            }
        }

        var triggersDenied = await JobStateStore.ReadAsync(connection, TriggersState, cancellationToken) is not null;
        if (triggersDenied)
        {
            Log.ListingTriggersDenied(logger);
        }

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
