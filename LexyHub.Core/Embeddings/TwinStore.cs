using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>Copies vectors within the database to whatever has the same text: what was paid for once is not asked for again.</summary>
internal static class TwinStore
{
    // Only what has got its vector is due no more. LexyHub's fallback noise is of another model, so that it is copied nowhere. A local vector
    // never replaces a real one.
    private const string CopyToListingsSql = """
        with made as (
            insert into lexyhub_jobs.listing_embeddings as e (listing_id, model, text_hash, embedding, tokens, truncated, created_at)
            select l.id, @model, d.text_hash, t.embedding, t.tokens, t.truncated, now()
            from unnest(@ids, @hashes, @termHashes, @tokens, @truncated) as d (id, text_hash, term_hash, tokens, truncated)
            join listings l on l.id = d.id
            cross join lateral (
                select t.embedding, t.tokens, t.truncated
                from lexyhub_jobs.listing_embeddings t where t.text_hash = d.text_hash and t.model = @model
                union all
                select t.embedding, d.tokens, d.truncated from embeddings t where t.term_hash = d.term_hash and t.model = @model
                limit 1) t
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

    // A term's local vector goes with the writing of its real one.
    private const string CopyToTermsSql = """
        with source as materialized (
            select d.term, d.term_hash, t.embedding
            from unnest(@terms, @termHashes, @hashes) as d (term, term_hash, text_hash)
            cross join lateral (
                select t.embedding from lexyhub_jobs.listing_embeddings t where t.text_hash = d.text_hash and t.model = @model limit 1) t
        ), made as (
            insert into embeddings as e (term_hash, term, embedding, model, created_at)
            select term_hash, term, embedding, @model, now() from source
            on conflict (term_hash) do update
            set term = excluded.term, embedding = excluded.embedding, model = excluded.model, created_at = excluded.created_at
            where e.model is distinct from excluded.model
        ), replaced as (
            delete from embeddings e using source s where e.term = s.term and e.model like @localModels and e.model <> @model
        ), done as (
            delete from lexyhub_jobs.embedding_due_terms d using source s where d.term = s.term
        ), released as (
            delete from lexyhub_jobs.embedding_quarantine q using source s where q.kind = 'keyword' and q.item = s.term
        )
        select term from source
        """;

    /// <summary>Gives each the vector of a keyword or listing with the same text, within the caller's transaction.</summary>
    /// <returns>Those for which there is none.</returns>
    public static async Task<IReadOnlyList<Twin>> CopyAsync(
        NpgsqlConnection connection, IReadOnlyList<Twin> twins, IEmbeddingService service, EmbeddingScope scope, CancellationToken cancellationToken)
    {
        List<Twin> terms = [.. twins.Where(twin => twin.Listing is null)];
        List<Twin> listings = [.. twins.Where(twin => twin.Listing is not null)];
        var madeTerms = await CopyToTermsAsync(connection, terms, scope, cancellationToken);
        var madeListings = await CopyToListingsAsync(connection, listings, service, scope, cancellationToken);
        return
        [
            .. terms.Where(twin => !madeTerms.Contains(twin.Term!)),
            .. listings.Where(twin => !madeListings.Contains(twin.Listing!.Value.Id)),
        ];
    }

    private static async Task<HashSet<string>> CopyToTermsAsync(
        NpgsqlConnection connection, List<Twin> twins, EmbeddingScope scope, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CopyToTermsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>("terms", [.. twins.Select(twin => twin.Term!)]));
        command.Parameters.Add(new NpgsqlParameter<string?[]>("termHashes", TermHashes(twins, scope)));
        return await ReadMadeAsync<string>(command, twins, scope, cancellationToken);
    }

    private static async Task<HashSet<Guid>> CopyToListingsAsync(
        NpgsqlConnection connection, List<Twin> twins, IEmbeddingService service, EmbeddingScope scope, CancellationToken cancellationToken)
    {
        List<(int Tokens, bool Truncated)> measured = [.. twins.Select(twin => twin.Term is { } term ? service.Measure(term) : default)];
        await using var command = new NpgsqlCommand(CopyToListingsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", [.. twins.Select(twin => twin.Listing!.Value.Id)]));
        command.Parameters.Add(new NpgsqlParameter<long[]>("versions", [.. twins.Select(twin => twin.Listing!.Value.Version)]));
        command.Parameters.Add(new NpgsqlParameter<string?[]>("termHashes", TermHashes(twins, scope)));
        command.Parameters.Add(new NpgsqlParameter<int[]>("tokens", [.. measured.Select(text => text.Tokens)]));
        command.Parameters.Add(new NpgsqlParameter<bool[]>("truncated", [.. measured.Select(text => text.Truncated)]));
        command.Parameters.Add(new NpgsqlParameter<bool>("local", scope.IsLocal));
        return await ReadMadeAsync<Guid>(command, twins, scope, cancellationToken);
    }

    private static string?[] TermHashes(List<Twin> twins, EmbeddingScope scope)
        => [.. twins.Select(twin => twin.Term is { } term ? scope.HashOf(term) : null)];

    private static async Task<HashSet<T>> ReadMadeAsync<T>(
        NpgsqlCommand command, List<Twin> twins, EmbeddingScope scope, CancellationToken cancellationToken)
    {
        var made = new HashSet<T>();
        if (twins.Count == 0)
        {
            return made;
        }

        command.Parameters.Add(new NpgsqlParameter<string[]>("hashes", [.. twins.Select(twin => twin.TextHash)]));
        command.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        command.Parameters.Add(new NpgsqlParameter<string>("localModels", EmbeddingScope.LocalModels));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            made.Add(reader.GetFieldValue<T>(0));
        }

        return made;
    }
}
