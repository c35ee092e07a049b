using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Intents;

/// <summary>Puts classifications where they are read, and takes what is done out of the queue.</summary>
internal static class IntentStore
{
    private const string UpsertSql = """
        insert into lexyhub_jobs.intent_classifications as c (kind, item_id, intent, secondary_intent, purchase_stage, confidence, calibrated,
            occasion, recipient, style, material, gift, model, content_hash, classified_at)
        select f.kind, f.item_id, f.intent, f.secondary_intent, f.purchase_stage, f.confidence, f.calibrated,
            f.occasion, f.recipient, f.style, f.material, f.gift, f.model, f.content_hash, @now
        from unnest(@kinds, @ids, @intents, @secondary, @stages, @confidences, @calibrated, @occasions, @recipients, @styles, @materials,
            @gifts, @models, @hashes)
            as f (kind, item_id, intent, secondary_intent, purchase_stage, confidence, calibrated, occasion, recipient, style, material, gift, model, content_hash)
        on conflict (kind, item_id) do update
        set intent = excluded.intent, secondary_intent = excluded.secondary_intent, purchase_stage = excluded.purchase_stage,
            confidence = excluded.confidence, calibrated = excluded.calibrated, occasion = excluded.occasion, recipient = excluded.recipient,
            style = excluded.style, material = excluded.material, gift = excluded.gift, model = excluded.model,
            content_hash = excluded.content_hash, classified_at = excluded.classified_at
        where c.model like @localModels or excluded.model not like @localModels
        """;

    // The typed row of the same transaction says who won: what a model said is not overwritten by the lexicon here either.
    private static string MergeSql(string table) => $$"""
        update {{table}} t
        set extras = case when jsonb_typeof(t.extras) = 'object' then t.extras else '{}' end || f.patch
        from unnest(@ids, @patches, @hashes) as f (id, patch, content_hash)
        where t.id = f.id and exists (
            select from lexyhub_jobs.intent_classifications c
            where c.kind = @kind and c.item_id = f.id and c.content_hash = f.content_hash)
        """;

    private static readonly string s_mergeKeywordsSql = MergeSql("keywords");

    private static readonly string s_mergeListingsSql = MergeSql("listings");

    // An item that was changed since it was read stays due.
    private const string DeleteDueSql = """
        delete from lexyhub_jobs.intent_due d using unnest(@kinds, @ids, @versions) as done (kind, item_id, version)
        where d.kind = done.kind and d.item_id = done.item_id and d.version = done.version
        """;

    public static void AddClassified(NpgsqlBatch batch, IntentWrite write, IntentScope scope, Guid runId, DateTimeOffset now)
    {
        if (write.Classified.Count == 0)
            return;

        AddUpsert(batch, write, now);
        AddMerge(batch, s_mergeKeywordsSql, DueItem.KeywordKind, write, scope, runId, now);
        AddMerge(batch, s_mergeListingsSql, DueItem.ListingKind, write, scope, runId, now);
    }

    public static void AddDone(NpgsqlBatch batch, IntentWrite write)
    {
        DueKey[] done = [.. write.Done];
        if (done.Length == 0)
            return;

        var delete = new NpgsqlBatchCommand(DeleteDueSql);
        delete.Parameters.Add(new NpgsqlParameter<string[]>("kinds", [.. done.Select(key => key.Kind)]));
        delete.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. done.Select(key => key.Id)]));
        delete.Parameters.Add(new NpgsqlParameter<long[]>("versions", [.. done.Select(key => key.Version)]));
        batch.BatchCommands.Add(delete);
    }

    private static void AddUpsert(NpgsqlBatch batch, IntentWrite write, DateTimeOffset now)
    {
        var rows = write.Classified;
        var upsert = new NpgsqlBatchCommand(UpsertSql);
        void Add<T>(string name, Func<(DueItem Item, Classification Classification, int Tokens), T> value)
            => upsert.Parameters.Add(new NpgsqlParameter<T[]>(name, [.. rows.Select(value)]));

        Add("kinds", row => row.Item.Kind);
        Add("ids", row => row.Item.Id);
        Add("intents", row => row.Classification.Intent.ToWire());
        Add("secondary", row => row.Classification.SecondaryIntent?.ToWire());
        Add("stages", row => row.Classification.Stage.ToWire());
        Add("confidences", row => (float)row.Classification.Confidence);
        Add("calibrated", row => row.Classification.Calibrated);
        Add("occasions", row => row.Classification.Facets.Occasion);
        Add("recipients", row => row.Classification.Facets.Recipient);
        Add("styles", row => row.Classification.Facets.Style);
        Add("materials", row => row.Classification.Facets.Material);
        Add("gifts", row => row.Classification.Facets.Gift);
        Add("models", row => row.Classification.Model);
        Add("hashes", row => row.Item.Hash);
        upsert.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
        upsert.Parameters.Add(new NpgsqlParameter<string>("localModels", IntentScope.LocalModels));
        batch.BatchCommands.Add(upsert);
    }

    private static void AddMerge(
        NpgsqlBatch batch, string sql, string kind, IntentWrite write, IntentScope scope, Guid runId, DateTimeOffset now)
    {
        var rows = write.Classified.Where(row => row.Item.Kind == kind).ToList();
        if (rows.Count == 0)
            return;

        var merge = new NpgsqlBatchCommand(sql);
        merge.Parameters.Add(new NpgsqlParameter<string>("kind", kind));
        merge.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. rows.Select(row => row.Item.Id)]));
        merge.Parameters.Add(new NpgsqlParameter<string[]>("hashes", [.. rows.Select(row => row.Item.Hash)]));
        merge.Parameters.Add(new NpgsqlParameter("patches", NpgsqlDbType.Array | NpgsqlDbType.Jsonb)
        {
            Value = rows.Select(row => System.Text.Encoding.UTF8.GetString(ClassificationJson.Patch(
                row.Classification, new IntentAudit(row.Classification.Model == scope.Model ? scope.PromptVersion : 0, row.Tokens, runId), now))).ToArray(),
        });
        batch.BatchCommands.Add(merge);
    }
}
