using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Embeddings;

/// <summary>Texts that the model refused while they stood alone.</summary>
internal static class QuarantineStore
{
    /// <summary>After so many refusals of the same text by the same model it is given up.</summary>
    public const int MaxAttempts = 5;

    /// <summary>Until the second try; each further one takes four times as long: 1 h, 4 h, 16 h, 64 h.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromHours(1);

    private const string UpsertSql = """
        insert into lexyhub_jobs.embedding_quarantine as q (kind, item, model, text_hash, reason, attempts, first_at, last_at, retry_at)
        select f.kind, f.item, @model, f.text_hash, f.reason, 1, @now, @now, @now + @firstDelay
        from unnest(@kinds, @items, @hashes, @reasons) as f (kind, item, text_hash, reason)
        on conflict (kind, item) do update
        set (model, text_hash, reason, attempts, first_at, last_at, retry_at) = (
            select excluded.model, excluded.text_hash, excluded.reason, s.attempts,
                case when s.attempts = 1 then @now else q.first_at end, @now,
                case when s.attempts < @maxAttempts then @now + @firstDelay * power(4, s.attempts - 1) end
            from (select case when (q.model, q.text_hash) = (excluded.model, excluded.text_hash) then q.attempts + 1 else 1 end as attempts) s)
        """;

    private const string DeleteSql = """
        delete from lexyhub_jobs.embedding_quarantine q using unnest(@kinds, @items) as f (kind, item)
        where q.kind = f.kind and q.item = f.item
        """;

    /// <summary>Puts in what was refused and takes out what has its vector.</summary>
    public static void AddChanges(NpgsqlBatch batch, EmbeddingWrite write, EmbeddingScope scope, DateTimeOffset now)
    {
        DueText[] done = [.. write.Terms.Select(term => term.Due), .. write.Listings.Select(listing => listing.Due)];
        if (done.Length > 0)
        {
            var delete = new NpgsqlBatchCommand(DeleteSql);
            AddItems(delete, done);
            batch.BatchCommands.Add(delete);
        }

        if (write.Rejected.Count > 0)
        {
            var upsert = new NpgsqlBatchCommand(UpsertSql);
            AddItems(upsert, [.. write.Rejected.Select(rejected => rejected.Due)]);
            upsert.Parameters.Add(new NpgsqlParameter<string[]>("hashes", [.. write.Rejected.Select(rejected => rejected.Due.Hash)]));
            upsert.Parameters.Add(new NpgsqlParameter<string[]>("reasons", [.. write.Rejected.Select(rejected => rejected.Reason)]));
            upsert.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
            upsert.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
            upsert.Parameters.Add(new("firstDelay", NpgsqlDbType.Interval) { Value = FirstDelay });
            upsert.Parameters.Add(new NpgsqlParameter<int>("maxAttempts", MaxAttempts));
            batch.BatchCommands.Add(upsert);
        }
    }

    private static void AddItems(NpgsqlBatchCommand command, DueText[] texts)
    {
        command.Parameters.Add(new NpgsqlParameter<string[]>("kinds", [.. texts.Select(text => text.Kind)]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("items", [.. texts.Select(text => text.Item)]));
    }
}
