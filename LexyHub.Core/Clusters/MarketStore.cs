using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Clusters;

/// <summary>What the clustering of each market has come to.</summary>
internal static class MarketStore
{
    private const string Step = "step";
    private const string Result = "result";

    private const string SaveSql = """
        insert into lexyhub_jobs.cluster_rebuild_markets (rebuild_id, market, kind, data, terms) values (@id, @market, @kind, @data, @terms)
        on conflict (rebuild_id, market, kind) do update set data = excluded.data, terms = excluded.terms
        """;

    private const string DeleteSql = "delete from lexyhub_jobs.cluster_rebuild_markets where rebuild_id = @id and market = @market and kind = @kind";

    private const string FindSql = "select data from lexyhub_jobs.cluster_rebuild_markets where rebuild_id = @id and market = @market and kind = @kind";

    private const string DoneSql = "select market from lexyhub_jobs.cluster_rebuild_markets where rebuild_id = @id and kind = @kind";

    public static Task SaveStepAsync(NpgsqlConnection connection, Guid id, string market, byte[] state, CancellationToken cancellationToken)
        => SaveAsync(connection, id, market, Step, state, null, cancellationToken);

    /// <param name="terms">See <see cref="ClusterGrowth.Terms"/>.</param>
    public static async Task SaveResultAsync(
        NpgsqlConnection connection, Guid id, string market, MarketResult result, int terms, CancellationToken cancellationToken)
    {
        await SaveAsync(connection, id, market, Result, result.Save(), terms, cancellationToken);
        await using var command = new NpgsqlCommand(DeleteSql, connection);
        AddKey(command, id, market, Step);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static Task<byte[]?> FindStepAsync(NpgsqlDataSource dataSource, Guid id, string market, CancellationToken cancellationToken)
        => FindAsync(dataSource, id, market, Step, cancellationToken);

    /// <exception cref="InvalidOperationException">The market is not clustered yet.</exception>
    public static async Task<MarketResult> ReadResultAsync(NpgsqlDataSource dataSource, Guid id, string market, CancellationToken cancellationToken)
        => await FindAsync(dataSource, id, market, Result, cancellationToken) is { } saved
            ? MarketResult.Restore(saved)
            : throw new InvalidOperationException($"The market {market} is not clustered yet.");

    /// <returns>The markets that are clustered.</returns>
    public static async Task<IReadOnlySet<string>> ReadDoneAsync(NpgsqlDataSource dataSource, Guid id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(DoneSql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new NpgsqlParameter<string>("kind", Result));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var markets = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            markets.Add(reader.GetString(0));
        }

        return markets;
    }

    private static async Task<byte[]?> FindAsync(NpgsqlDataSource dataSource, Guid id, string market, string kind, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(FindSql);
        AddKey(command, id, market, kind);
        return await command.ExecuteScalarAsync(cancellationToken) as byte[];
    }

    private static async Task SaveAsync(
        NpgsqlConnection connection, Guid id, string market, string kind, byte[] data, int? terms, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SaveSql, connection);
        AddKey(command, id, market, kind);
        command.Parameters.Add(new NpgsqlParameter("data", NpgsqlDbType.Bytea) { Value = data });
        command.Parameters.Add(new NpgsqlParameter<int?>("terms", terms));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddKey(NpgsqlCommand command, Guid id, string market, string kind)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new NpgsqlParameter<string>("market", market));
        command.Parameters.Add(new NpgsqlParameter<string>("kind", kind));
    }
}
