using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>Makes due the keywords and listings that no trigger tells of: all are compared with their classifications once a UTC day, and
/// when the model, the prompt, the taxonomy or the template has changed.</summary>
internal sealed class IntentReconciliation(TimeProvider time, ILogger logger) : DueReconciliation(time, logger)
{
    protected override string ReconciledState => "intents-reconciled";

    protected override string TriggersState => "intent-triggers";

    protected override string TriggerTables => "keywords, listings, listing_tags";

    protected override string WaitingSql => "select exists (select from lexyhub_jobs.intent_quarantine where retry_at <= @now)";

    protected override string ReleaseSql => """
        insert into lexyhub_jobs.intent_due (kind, item_id)
        select kind, item_id from lexyhub_jobs.intent_quarantine where retry_at <= @now
        on conflict do nothing
        """;

    protected override string CompareSql => $"""
        insert into lexyhub_jobs.intent_due (kind, item_id)
        select 'keyword', k.id
        from keywords k left join lexyhub_jobs.intent_classifications c on c.kind = 'keyword' and c.item_id = k.id
        where c.item_id is null
            or (not @local or c.model like @localModels)
                and c.content_hash <> encode(sha256(convert_to(@hashPrefix || k.term, 'UTF8')), 'hex')
        on conflict do nothing;

        insert into lexyhub_jobs.intent_due (kind, item_id)
        select 'listing', l.id
        from listings l left join lexyhub_jobs.intent_classifications c on c.kind = 'listing' and c.item_id = l.id
        where c.item_id is null
            or (not @local or c.model like @localModels)
                and c.content_hash <> encode(sha256(convert_to(@hashPrefix || {ListingText.Sql}, 'UTF8')), 'hex')
        on conflict do nothing;

        delete from lexyhub_jobs.intent_classifications c
        where kind = 'keyword' and not exists (select from keywords k where k.id = c.item_id)
            or kind = 'listing' and not exists (select from listings l where l.id = c.item_id)
        """;

    public Task RunAsync(JobContext context, IntentScope scope, CancellationToken cancellationToken) => RunAsync(
        context,
        $"{scope.HashPrefix} {ListingText.Template}",
        [
            new NpgsqlParameter<string>("hashPrefix", scope.HashPrefix),
            new NpgsqlParameter<bool>("local", scope.IsLocal),
            new NpgsqlParameter<string>("localModels", IntentScope.LocalModels),
        ],
        cancellationToken);
}
