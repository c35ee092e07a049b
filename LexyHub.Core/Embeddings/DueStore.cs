using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>Claims what is due, page by page. One lease holds one run, so a claim needs no lock; each claim is a sub-query of
/// its own on the narrow table alone, to which <c>for update skip locked</c> can be added for several.</summary>
internal sealed class DueStore(NpgsqlDataSource dataSource, EmbeddingScope scope)
{
    private const string CountSql = """
        select (select count(*) from lexyhub_jobs.embedding_due_terms), (select count(*) from lexyhub_jobs.embedding_due_listings)
        """;

    // A listing's text may be a term's too. One that is longer than any term is not looked for among them.
    // A row of embeddings counts only where hash and model match: LexyHub's fallback left noise under the real model's hashes.
    private const string ReadTermsSql = """
        with claimed as materialized (
            select term from lexyhub_jobs.embedding_due_terms where term > @after order by term limit @count
        )
        select c.term,
            not exists (select from lexyhub_jobs.keyword_terms t where t.term = c.term and t.term <> '')
            or exists (select from embeddings e
                where e.term_hash = encode(sha256(convert_to(@model || '::' || c.term, 'UTF8')), 'hex') and e.model = @model)
            or exists (select from embeddings e
                where e.term_hash = encode(sha256(convert_to(@realModel || '::' || c.term, 'UTF8')), 'hex') and e.model = @realModel)
            or exists (select from lexyhub_jobs.embedding_quarantine q
                where q.kind = 'keyword' and q.item = c.term and q.model = @model and (q.retry_at is null or q.retry_at > @now)),
            exists (select from lexyhub_jobs.listing_embeddings l
                where l.text_hash = encode(sha256(convert_to(c.term, 'UTF8')), 'hex') and l.model = @model)
        from claimed c order by c.term
        """;

    private const string ReadListingsSql = $"""
        with claimed as materialized (
            select listing_id, version from lexyhub_jobs.embedding_due_listings where listing_id > @after order by listing_id limit @count
        ), {ReadClaimedSql}
        """;

    private const string ReadTheseListingsSql = $"""
        with claimed as materialized (
            select listing_id, version from lexyhub_jobs.embedding_due_listings where listing_id = any (@ids)
        ), {ReadClaimedSql}
        """;

    private const string ReadClaimedSql = $"""
        texts as materialized (
            select c.listing_id, c.version, {ListingText.Sql} as text
            from claimed c join listings l on l.id = c.listing_id
        ), hashed as (
            select t.*, encode(sha256(convert_to(t.text, 'UTF8')), 'hex') as text_hash, length(t.text) <= @longestTerm as may_be_term from texts t
        )
        select c.listing_id, c.version, h.text, h.text_hash,
            h.listing_id is null
            or exists (select from lexyhub_jobs.listing_embeddings e where e.listing_id = h.listing_id
                and (e.model = @model and e.text_hash = h.text_hash or @local and e.model not like @localModels))
            or exists (select from lexyhub_jobs.embedding_quarantine q
                where q.kind = 'listing' and q.item = h.listing_id::text and q.model = @model and q.text_hash = h.text_hash
                    and (q.retry_at is null or q.retry_at > @now)),
            exists (select from lexyhub_jobs.listing_embeddings e where e.text_hash = h.text_hash and e.model = @model)
                or h.may_be_term and exists (select from embeddings e
                    where e.term_hash = encode(sha256(convert_to(@model || '::' || h.text, 'UTF8')), 'hex') and e.model = @model),
            h.may_be_term and exists (select from lexyhub_jobs.embedding_due_terms d where d.term = h.text)
        from claimed c left join hashed h using (listing_id, version) order by c.listing_id
        """;

    private const string CountBlankSql = "select count(*) from lexyhub_jobs.keyword_terms where term = ''";

    /// <returns>Due rows, some of which may turn out to be settled.</returns>
    public async Task<DueCount> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(CountSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new DueCount(reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>The terms after <paramref name="after"/>, in the order of the database; '' is never after anything.</summary>
    public async Task<(DuePage Page, string? Last)> ReadTermsAsync(string after, int count, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadTermsSql);
        command.Parameters.Add(new NpgsqlParameter<string>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        AddScope(command, now);
        command.Parameters.Add(new NpgsqlParameter<string>("realModel", scope.RealModel));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var texts = new List<DueText>();
        var twins = new List<Twin>();
        var settled = new List<string>();
        string? last = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            last = reader.GetString(0);
            if (reader.GetBoolean(1))
            {
                settled.Add(last);
            }
            else if (reader.GetBoolean(2))
            {
                twins.Add(Twin.Of(new DueTerm(last, scope)));
            }
            else
            {
                texts.Add(new DueTerm(last, scope));
            }
        }

        return (new DuePage(texts, settled, [], 0) { Twins = twins }, last);
    }

    /// <summary>The listings after <paramref name="after"/>.</summary>
    public async Task<(DuePage Page, Guid? Last)> ReadListingsAsync(Guid after, int count, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadListingsSql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        return await ReadListingsAsync(command, now, cancellationToken);
    }

    /// <summary>Those of them that are still due.</summary>
    public async Task<DuePage> ReadListingsAsync(Guid[] ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadTheseListingsSql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]>("ids", ids));
        return (await ReadListingsAsync(command, now, cancellationToken)).Page;
    }

    private async Task<(DuePage Page, Guid? Last)> ReadListingsAsync(NpgsqlCommand command, DateTimeOffset now, CancellationToken cancellationToken)
    {
        AddScope(command, now);
        command.Parameters.Add(new NpgsqlParameter<bool>("local", scope.IsLocal));
        command.Parameters.Add(new NpgsqlParameter<string>("localModels", EmbeddingScope.LocalModels));
        command.Parameters.Add(new NpgsqlParameter<int>("longestTerm", KeywordTerms.MaxLength));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var texts = new List<DueListing>();
        var twins = new List<Twin>();
        var settled = new List<(Guid, long)>();
        long skipped = 0;
        Guid? last = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(0);
            var version = reader.GetInt64(1);
            last = id;
            if (reader.GetBoolean(4))
            {
                settled.Add((id, version));
            }
            else if (reader.GetString(2) is var text && string.IsNullOrWhiteSpace(text))
            {
                skipped++;
                settled.Add((id, version));
            }
            else
            {
                var listing = new DueListing(id, version, text, reader.GetString(3), IsTermDue: reader.GetBoolean(6));
                if (reader.GetBoolean(5))
                {
                    twins.Add(Twin.Of(listing));
                }
                else
                {
                    texts.Add(listing);
                }
            }
        }

        return (new DuePage(texts, [], settled, skipped) { Twins = twins }, last);
    }

    /// <returns>Keywords that have no text to embed: blank, or longer than <see cref="KeywordTerms.MaxLength"/>; null
    /// where nothing has changed about that.</returns>
    public async Task<DuePage?> ReadBlankAsync(CancellationToken cancellationToken)
    {
        await using (var due = dataSource.CreateCommand("select exists (select from lexyhub_jobs.embedding_due_terms where term = '')"))
        {
            if (await due.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return null;
            }
        }

        await using var command = dataSource.CreateCommand(CountBlankSql);
        return new DuePage([], [""], [], (long)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private void AddScope(NpgsqlCommand command, DateTimeOffset now)
    {
        command.Parameters.Add(new NpgsqlParameter<string>("model", scope.Model));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
    }
}
