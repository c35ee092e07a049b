using LexyHub.Core.Data;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Intents;

/// <summary>The items that the chat model refused or answered wrongly, for people.</summary>
internal sealed class IntentQuarantine(LexyHubDatabase database, TimeProvider time) : SqlQuarantine(database, time)
{
    public override string Job => JobCatalog.IntentClassify;

    protected override string CountSql => """
        select kind, count(*) filter (where retry_at is not null), count(*) filter (where retry_at is null)
        from lexyhub_jobs.intent_quarantine group by kind order by kind
        """;

    protected override string ReadSql => """
        select q.kind, q.item_id::text, case q.kind when 'keyword' then k.term else l.title end, q.model, q.reason, q.attempts, q.first_at, q.last_at, q.retry_at
        from lexyhub_jobs.intent_quarantine q
        left join keywords k on q.kind = 'keyword' and k.id = q.item_id
        left join listings l on q.kind = 'listing' and l.id = q.item_id
        where (@kind is null or q.kind = @kind)
            and (@state is null or (q.retry_at is null) = (@state = 'given-up'))
            and (@afterAt is null or q.last_at < @afterAt or q.last_at = @afterAt and (q.kind, q.item_id::text) > (@afterKind, @afterItem))
        order by q.last_at desc, q.kind, q.item_id::text limit @limit
        """;

    // The next run makes due what waits no longer; it counts refusals on from where they are.
    protected override string RetrySql => """
        update lexyhub_jobs.intent_quarantine set retry_at = @now
        where (@kind is null or kind = @kind)
            and (@state is null or (retry_at is null) = (@state = 'given-up'))
            and (@kinds is null or (kind, item_id::text) in (select * from unnest(@kinds, @items)))
        """;
}
