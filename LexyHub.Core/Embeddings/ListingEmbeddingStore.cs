using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>Vectors into <c>lexyhub_jobs.listing_embeddings</c>.</summary>
internal static class ListingEmbeddingStore
{
    // The listing is held until the commit: were it deleted in between, its vector would stay. A local vector never
    // replaces a real one.
    private const string UpsertSql = """
        insert into lexyhub_jobs.listing_embeddings as e (listing_id, model, text_hash, embedding, tokens, truncated, created_at)
        select b.listing_id, @model, b.text_hash, b.embedding, b.tokens, b.truncated, now()
        from embedding_batch b join listings l on l.id = b.listing_id
        for key share of l
        on conflict (listing_id) do update
        set model = excluded.model, text_hash = excluded.text_hash, embedding = excluded.embedding, tokens = excluded.tokens,
            truncated = excluded.truncated, created_at = excluded.created_at
        where not @local or e.model like @localModels
        """;

    /// <summary>The upsert of the listings that <see cref="EmbeddingStore.CopyAsync"/> has staged.</summary>
    public static void AddUpsert(NpgsqlBatch batch, EmbeddingScope scope)
    {
        var upsert = new NpgsqlBatchCommand(UpsertSql);
        upsert.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        upsert.Parameters.Add(new NpgsqlParameter<bool>("local", scope.IsLocal));
        upsert.Parameters.Add(new NpgsqlParameter<string>("localModels", EmbeddingScope.LocalModels));
        batch.BatchCommands.Add(upsert);
    }
}
