using System.Buffers;
using System.Runtime.InteropServices;
using LexyHub.Core.Clusters.Numerics;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Clusters;

/// <summary>The vectors of a market as they were when they were read.</summary>
/// <param name="Terms">By row.</param>
internal sealed record MarketSnapshot(string Market, IReadOnlyList<string> Terms, VectorSet Vectors);

/// <summary>The snapshot of a rebuild: every run that goes on with it works on the same vectors.</summary>
internal static class SnapshotStore
{
    private const string WriteSql = """
        insert into lexyhub_jobs.cluster_rebuild_vectors (rebuild_id, market, page, terms, vectors)
        values (@id, @market, @page, @terms, @vectors)
        """;

    private const string MarketsSql = """
        select v.market from lexyhub_jobs.cluster_rebuild_vectors v where v.rebuild_id = @id group by v.market order by v.market collate "C"
        """;

    private const string ReadTermsSql = "select terms from lexyhub_jobs.cluster_rebuild_vectors where rebuild_id = @id and market = @market";

    private const string ReadSql = """
        select page, terms, vectors from lexyhub_jobs.cluster_rebuild_vectors where rebuild_id = @id and market = @market and page > @after
        order by page limit 1
        """;

    /// <summary>Writes a page, divided by market, within the caller's transaction.</summary>
    public static async Task WriteAsync(
        NpgsqlConnection connection, Guid id, int number, VectorPage page, int dimensions, CancellationToken cancellationToken)
    {
        var byMarket = page.Terms.SelectMany(term => term.Markets.Select(market => (Market: market, Term: term)))
            .GroupBy(one => one.Market, one => one.Term).OrderBy(terms => terms.Key, StringComparer.Ordinal);
        foreach (var terms in byMarket)
        {
            var rows = terms.ToList();
            var bytes = new byte[rows.Count * dimensions * sizeof(float)];
            for (var i = 0; i < rows.Count; i++)
            {
                MemoryMarshal.AsBytes(page.Vectors.AsSpan(rows[i].Row * dimensions, dimensions))
                    .CopyTo(bytes.AsSpan(i * dimensions * sizeof(float)));
            }

            await using var command = new NpgsqlCommand(WriteSql, connection);
            AddKey(command, id, terms.Key);
            command.Parameters.Add(new NpgsqlParameter<int>("page", number));
            command.Parameters.Add(new NpgsqlParameter<string[]>("terms", [.. rows.Select(row => row.Term)]));
            command.Parameters.Add(new NpgsqlParameter("vectors", NpgsqlDbType.Bytea) { Value = bytes });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <returns>The markets of the snapshot, in a fixed order.</returns>
    public static async Task<IReadOnlyList<string>> ReadMarketsAsync(NpgsqlDataSource dataSource, Guid id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(MarketsSql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var markets = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            markets.Add(reader.GetString(0));
        }

        return markets;
    }

    /// <returns>A market's terms, by row: sorted by code unit, since pages come in the order of the database's collation and the
    /// clusters would depend on it.</returns>
    public static async Task<List<string>> ReadTermsAsync(NpgsqlDataSource dataSource, Guid id, string market, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadTermsSql);
        AddKey(command, id, market);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var terms = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            terms.AddRange(reader.GetFieldValue<string[]>(0));
        }

        terms.Sort(StringComparer.Ordinal);
        return terms;
    }

    /// <returns>A market's terms and vectors, normalised.</returns>
    public static async Task<MarketSnapshot> ReadAsync(
        NpgsqlDataSource dataSource, Guid id, string market, int dimensions, CancellationToken cancellationToken)
    {
        var terms = await ReadTermsAsync(dataSource, id, market, cancellationToken);
        var vectors = VectorSet.Zeros(dimensions, terms.Count);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var after = -1;
        while (await ReadPageAsync(connection, id, market, after, terms, vectors, cancellationToken) is { } last)
        {
            after = last;
        }

        return new MarketSnapshot(market, terms, vectors);
    }

    private static async Task<int?> ReadPageAsync(
        NpgsqlConnection connection, Guid id, string market, int after, List<string> terms, VectorSet vectors, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, connection);
        AddKey(command, id, market);
        command.Parameters.Add(new NpgsqlParameter<int>("after", after));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var page = reader.GetFieldValue<string[]>(1);
        var length = (int)reader.GetBytes(2, 0, null, 0, 0);
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            reader.GetBytes(2, 0, bytes, 0, length);
            var rows = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(0, length));
            for (var i = 0; i < page.Length; i++)
            {
                // What is unfit was left out when the snapshot was made.
                var row = terms.BinarySearch(page[i], StringComparer.Ordinal);
                if (vectors.TrySet(row, rows.Slice(i * vectors.Dimensions, vectors.Dimensions)) is not VectorRejection.None and var rejection)
                {
                    throw new InvalidOperationException($"A vector of the snapshot is unfit: {rejection}.");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        return reader.GetInt32(0);
    }

    private static void AddKey(NpgsqlCommand command, Guid id, string market)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new NpgsqlParameter<string>("market", market));
    }
}
