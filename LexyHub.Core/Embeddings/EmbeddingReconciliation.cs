using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>Makes due the keywords and listings that no trigger tells of: all are compared with their vectors once a UTC day, and when
/// the model, its dimensions or the template has changed.</summary>
internal sealed class EmbeddingReconciliation(TimeProvider time, ILogger logger) : DueReconciliation(time, logger)
{
    private const string WidthSql = """
        select atttypmod from pg_attribute where attrelid = 'embeddings'::regclass and attname = 'embedding'
        """;

    protected override string ReconciledState => "embeddings-reconciled";

    protected override string TriggersState => "listing-triggers";

    protected override string TriggerTables => "listings, listing_tags";

    protected override string WaitingSql => "select exists (select from lexyhub_jobs.embedding_quarantine where retry_at <= @now)";

    protected override string ReleaseSql => """
        insert into lexyhub_jobs.embedding_due_terms (term)
        select item from lexyhub_jobs.embedding_quarantine where kind = 'keyword' and retry_at <= @now
        on conflict do nothing;

        insert into lexyhub_jobs.embedding_due_listings (listing_id)
        select item::uuid from lexyhub_jobs.embedding_quarantine where kind = 'listing' and retry_at <= @now
        on conflict do nothing
        """;

    protected override string CompareSql => $"""
        insert into lexyhub_jobs.embedding_due_terms (term)
        select t.term
        from (select distinct term from lexyhub_jobs.keyword_terms where term <> '') t
        left join embeddings e
            on e.term_hash = encode(sha256(convert_to(@model || '::' || t.term, 'UTF8')), 'hex') and e.model = @model
        where e.term_hash is null
        on conflict do nothing;

        insert into lexyhub_jobs.embedding_due_listings (listing_id)
        select l.id
        from listings l left join lexyhub_jobs.listing_embeddings e on e.listing_id = l.id
        where e.listing_id is null
            or (not @local or e.model like @localModels)
                and (e.model <> @model or e.text_hash <> encode(sha256(convert_to({ListingText.Sql}, 'UTF8')), 'hex'))
        on conflict do nothing;

        delete from lexyhub_jobs.listing_embeddings e where not exists (select from listings l where l.id = e.listing_id)
        """;

    /// <exception cref="JobException"><c>dimensions-mismatch</c>.</exception>
    public async Task RunAsync(JobContext context, EmbeddingScope scope, CancellationToken cancellationToken)
    {
        await CheckWidthAsync(context, scope, cancellationToken);
        await RunAsync(
            context,
            $"{scope.Model} {scope.Dimensions} {ListingText.Template}",
            [
                new NpgsqlParameter<string>("model", scope.Model),
                new NpgsqlParameter<bool>("local", scope.IsLocal),
                new NpgsqlParameter<string>("localModels", EmbeddingScope.LocalModels),
            ],
            cancellationToken);
    }

    private static async Task CheckWidthAsync(JobContext context, EmbeddingScope scope, CancellationToken cancellationToken)
    {
        await using var command = context.DataSource.CreateCommand(WidthSql);
        if (await command.ExecuteScalarAsync(cancellationToken) is int columns and > 0 && columns != scope.Dimensions)
        {
            throw new JobException(
                "dimensions-mismatch", 500, $"The model gives {scope.Dimensions} dimensions, embeddings.embedding holds {columns}. Set Embeddings:Dimensions to {columns}.");
        }
    }
}
