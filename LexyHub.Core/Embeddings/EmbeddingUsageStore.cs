using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>What was paid for, per UTC day.</summary>
internal static class EmbeddingUsageStore
{
    private const string ReadSql = "select coalesce(sum(tokens), 0)::bigint from lexyhub_jobs.embedding_usage where day = @day";

    private const string AddSql = """
        insert into lexyhub_jobs.embedding_usage as u (day, model, requests, tokens, estimated_cost_usd)
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

    public static void AddUsage(NpgsqlBatch batch, EmbeddingWrite write, string model, decimal costUsd, DateOnly day)
    {
        if (write is { Requests: 0, Tokens: 0 })
        {
            return;
        }

        var add = new NpgsqlBatchCommand(AddSql);
        add.Parameters.Add(new NpgsqlParameter<DateOnly>("day", day));
        add.Parameters.Add(new NpgsqlParameter<string>("model", model));
        add.Parameters.Add(new NpgsqlParameter<long>("requests", write.Requests));
        add.Parameters.Add(new NpgsqlParameter<long>("tokens", write.Tokens));
        add.Parameters.Add(new NpgsqlParameter<decimal>("cost", costUsd));
        batch.BatchCommands.Add(add);
    }
}
