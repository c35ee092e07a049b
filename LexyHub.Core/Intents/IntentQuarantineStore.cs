using LexyHub.Core.Embeddings;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Intents;

/// <summary>Items that the model refused or answered wrongly while they stood alone; attempts and delays are those of embeddings.</summary>
internal static class IntentQuarantineStore
{
    private const string UpsertSql = """
        insert into lexyhub_jobs.intent_quarantine as q (kind, item_id, model, content_hash, reason, attempts, first_at, last_at, retry_at)
        select f.kind, f.item_id, @model, f.content_hash, f.reason, 1, @now, @now, @now + @firstDelay
        from unnest(@kinds, @ids, @hashes, @reasons) as f (kind, item_id, content_hash, reason)
        on conflict (kind, item_id) do update
        set (model, content_hash, reason, attempts, first_at, last_at, retry_at) = (
            select excluded.model, excluded.content_hash, excluded.reason, s.attempts, case when s.attempts = 1 then @now else q.first_at end, @now,
                case when s.attempts < @maxAttempts then @now + @firstDelay * power(4, s.attempts - 1) end
            from (select case when q.content_hash = excluded.content_hash then q.attempts + 1 else 1 end as attempts) s)
        """;

    private const string DeleteSql = """
        delete from lexyhub_jobs.intent_quarantine q using unnest(@kinds, @ids) as f (kind, item_id)
        where q.kind = f.kind and q.item_id = f.item_id
        """;

    /// <summary>Puts in what came to nothing and takes out what is classified.</summary>
    public static void AddChanges(NpgsqlBatch batch, IntentWrite write, string model, DateTimeOffset now)
    {
        if (write.Classified.Count > 0)
        {
            var delete = new NpgsqlBatchCommand(DeleteSql);
            AddItems(delete, [.. write.Classified.Select(one => one.Item)]);
            batch.BatchCommands.Add(delete);
        }

        if (write.Rejected.Count > 0)
        {
            var upsert = new NpgsqlBatchCommand(UpsertSql);
            AddItems(upsert, [.. write.Rejected.Select(one => one.Item)]);
            upsert.Parameters.Add(new NpgsqlParameter<string[]>("hashes", [.. write.Rejected.Select(one => one.Item.Hash)]));
            upsert.Parameters.Add(new NpgsqlParameter<string[]>("reasons", [.. write.Rejected.Select(one => one.Reason)]));
            upsert.Parameters.Add(new NpgsqlParameter<string>("model", model));
            upsert.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
            upsert.Parameters.Add(new("firstDelay", NpgsqlDbType.Interval) { Value = QuarantineStore.FirstDelay });
            upsert.Parameters.Add(new NpgsqlParameter<int>("maxAttempts", QuarantineStore.MaxAttempts));
            batch.BatchCommands.Add(upsert);
        }
    }

    private static void AddItems(NpgsqlBatchCommand command, DueItem[] items)
    {
        command.Parameters.Add(new NpgsqlParameter<string[]>("kinds", [.. items.Select(item => item.Kind)]));
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. items.Select(item => item.Id)]));
    }
}
