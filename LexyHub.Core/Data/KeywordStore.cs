using Npgsql;

namespace LexyHub.Core.Data;

/// <param name="Term">Trimmed, single spaces, in its own case.</param>
/// <param name="Normal">The term in the form of <see cref="TermText.Normalize"/>.</param>
/// <param name="Market">Lower case.</param>
/// <param name="Source">Lower case.</param>
internal sealed record NewKeyword(string Term, string Normal, string Market, string Source);

/// <summary>Adds keywords to either variant of LexyHub's table.</summary>
internal sealed class KeywordStore
{
    private const string ProbeSql = """
        select exists (
            select from pg_attribute
            where attrelid = 'keywords'::regclass and attname = 'term_normalized' and not attisdropped)
        """;

    // No conflict target is named: the unique index is on (term_normalized, market, source) or on (term, source, market).
    // keyword_terms finds a term that is there in another spelling, once the jobs have made its normal form; its index leaves
    // out the empty one, and is used only by a query that does so too.
    private const string InsertSql = """
        insert into keywords (term, source, market)
        select g.term, g.source, g.market
        from unnest(@terms, @normals, @sources, @markets) as g (term, normal, source, market)
        where not exists (
                select from lexyhub_jobs.keyword_terms t join keywords k on k.id = t.keyword_id
                where t.term = g.normal and t.term <> '' and k.source = g.source and k.market = g.market)
            and not exists (
                select from keywords k
                where k.term = g.term and k.source = g.source and k.market = g.market)
        on conflict do nothing
        """;

    private const string InsertByNormalizedSql = """
        insert into keywords (term, source, market)
        select g.term, g.source, g.market
        from unnest(@terms, @normals, @sources, @markets) as g (term, normal, source, market)
        where not exists (
                select from lexyhub_jobs.keyword_terms t join keywords k on k.id = t.keyword_id
                where t.term = g.normal and t.term <> '' and k.source = g.source and k.market = g.market)
            and not exists (
                select from keywords k
                where k.term_normalized = lower(btrim(g.term)) and k.source = g.source and k.market = g.market)
        on conflict do nothing
        """;

    /// <summary>Characters of a term, of a market and of a source.</summary>
    public const int MaxLength = 200;

    private readonly string sql;

    private KeywordStore(bool hasTermNormalized) => sql = hasTermNormalized ? InsertByNormalizedSql : InsertSql;

    /// <exception cref="DatabaseException">The database is not usable, or has no table keywords yet.</exception>
    public static async Task<KeywordStore> ProbeAsync(LexyHubDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(ProbeSql, connection);
            return new KeywordStore(await command.ExecuteScalarAsync(cancellationToken) is true);
        }
        catch (PostgresException e) when (DatabaseErrors.Explain(e, database.DataSource) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>Adds those that are not there yet, by the normal form of the term, market and source.</summary>
    /// <returns>How many were added.</returns>
    public async Task<int> InsertAsync(
        NpgsqlConnection connection, IReadOnlyCollection<NewKeyword> keywords, CancellationToken cancellationToken)
    {
        // In one order everywhere, so that two writers wait for each other and do not lock each other out.
        var ordered = keywords.OrderBy(keyword => keyword.Normal, StringComparer.Ordinal).ToList();
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]>("terms", [.. ordered.Select(keyword => keyword.Term)]),
                new NpgsqlParameter<string[]>("normals", [.. ordered.Select(keyword => keyword.Normal)]),
                new NpgsqlParameter<string[]>("sources", [.. ordered.Select(keyword => keyword.Source)]),
                new NpgsqlParameter<string[]>("markets", [.. ordered.Select(keyword => keyword.Market)]),
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
