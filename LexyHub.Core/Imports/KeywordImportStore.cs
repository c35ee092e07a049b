using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Imports;

/// <param name="Term">Trimmed, single spaces, in its own case.</param>
/// <param name="Normal">The term in the form of <see cref="TermText.Normalize"/>.</param>
internal sealed record KeywordRow(long Line, string Term, string Normal, string Market, string Source) : IImportRow;

/// <summary>Inserts keywords into either variant of LexyHub's table.</summary>
internal sealed class KeywordImportStore
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

    private readonly string sql;

    private KeywordImportStore(bool hasTermNormalized) => sql = hasTermNormalized ? InsertByNormalizedSql : InsertSql;

    /// <exception cref="DatabaseException">The database is not usable, or has no table keywords yet.</exception>
    public static async Task<KeywordImportStore> ProbeAsync(LexyHubDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(ProbeSql, connection);
            return new KeywordImportStore(await command.ExecuteScalarAsync(cancellationToken) is true);
        }
        catch (PostgresException e) when (DatabaseErrors.Explain(e, database.DataSource) is { } explained)
        {
            throw explained;
        }
    }

    public async Task<BatchCounts> InsertAsync(
        NpgsqlConnection connection, IReadOnlyList<KeywordRow> rows, CancellationToken cancellationToken)
    {
        // In one order everywhere, so that two imports wait for each other and do not lock each other out.
        var ordered = rows.OrderBy(row => row.Normal, StringComparer.Ordinal).ToList();
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]>("terms", [.. ordered.Select(row => row.Term)]),
                new NpgsqlParameter<string[]>("normals", [.. ordered.Select(row => row.Normal)]),
                new NpgsqlParameter<string[]>("sources", [.. ordered.Select(row => row.Source)]),
                new NpgsqlParameter<string[]>("markets", [.. ordered.Select(row => row.Market)]),
            },
        };
        var added = await command.ExecuteNonQueryAsync(cancellationToken);
        return new BatchCounts(added, 0, rows.Count - added);
    }
}
