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

    // Only what has got its vector is due no more.
    private const string CopyTwinsSql = """
        with made as (
            insert into lexyhub_jobs.listing_embeddings as e (listing_id, model, text_hash, embedding, tokens, truncated, created_at)
            select l.id, t.model, t.text_hash, t.embedding, t.tokens, t.truncated, now()
            from unnest(@ids, @hashes) as d (id, text_hash) join listings l on l.id = d.id
            cross join lateral (
                select * from lexyhub_jobs.listing_embeddings t where t.text_hash = d.text_hash and t.model = @model limit 1) t
            for key share of l
            on conflict (listing_id) do update
            set model = excluded.model, text_hash = excluded.text_hash, embedding = excluded.embedding, tokens = excluded.tokens,
                truncated = excluded.truncated, created_at = excluded.created_at
            where not @local or e.model like @localModels
            returning listing_id
        ), done as (
            delete from lexyhub_jobs.embedding_due_listings d using unnest(@ids, @versions) as v (id, version), made m
            where d.listing_id = v.id and d.version = v.version and m.listing_id = v.id
        ), released as (
            delete from lexyhub_jobs.embedding_quarantine q using made m where q.kind = 'listing' and q.item = m.listing_id::text
        )
        select listing_id from made
        """;

    /// <summary>Gives listings the vector of another one with the same text, within the caller's transaction.</summary>
    /// <returns>The listings that have got one.</returns>
    public static async Task<IReadOnlySet<Guid>> CopyTwinsAsync(
        NpgsqlConnection connection, IReadOnlyList<DueListing> twins, EmbeddingScope scope, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CopyTwinsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. twins.Select(twin => twin.Id)]));
        command.Parameters.Add(new NpgsqlParameter<long[]>("versions", [.. twins.Select(twin => twin.Version)]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("hashes", [.. twins.Select(twin => twin.TextHash)]));
        command.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        command.Parameters.Add(new NpgsqlParameter<bool>("local", scope.IsLocal));
        command.Parameters.Add(new NpgsqlParameter<string>("localModels", EmbeddingScope.LocalModels));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var made = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            made.Add(reader.GetGuid(0));
        }

        return made;
    }

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
