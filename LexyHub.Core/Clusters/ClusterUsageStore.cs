using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>What was paid for names, per UTC day.</summary>
internal static class ClusterUsageStore
{
    private const string ReadSql = "select coalesce(sum(tokens), 0)::bigint from lexyhub_jobs.cluster_usage where day = @day";

    private const string AddSql = """
        insert into lexyhub_jobs.cluster_usage as u (day, model, requests, tokens, estimated_cost_usd)
        values (@day, @model, @requests, @tokens, @cost)
        on conflict (day, model) do update
        set requests = u.requests + excluded.requests, tokens = u.tokens + excluded.tokens,
            estimated_cost_usd = u.estimated_cost_usd + excluded.estimated_cost_usd
        """;

    /// <returns>Tokens of all models on that UTC day.</returns>
    public static async Task<long> ReadTokensAsync(NpgsqlDataSource dataSource, DateOnly day, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("day", day));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public static async Task AddAsync(
        NpgsqlConnection connection, NamingUsage usage, string model, DateOnly day, CancellationToken cancellationToken)
    {
        if (usage.Requests == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(AddSql, connection);
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("day", day));
        command.Parameters.Add(new NpgsqlParameter<string>("model", model));
        command.Parameters.Add(new NpgsqlParameter<long>("requests", usage.Requests));
        command.Parameters.Add(new NpgsqlParameter<long>("tokens", usage.Tokens));
        command.Parameters.Add(new NpgsqlParameter<decimal>("cost", usage.CostUsd));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
