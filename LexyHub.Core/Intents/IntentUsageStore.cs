using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>What was paid for, per UTC day.</summary>
internal static class IntentUsageStore
{
    private const string ReadSql = """
        select coalesce(sum(items), 0)::bigint, coalesce(sum(input_tokens + output_tokens), 0)::bigint
        from lexyhub_jobs.intent_usage where day = @day
        """;

    private const string AddSql = """
        insert into lexyhub_jobs.intent_usage as u (day, model, items, requests, input_tokens, output_tokens, estimated_cost_usd)
        values (@day, @model, @items, @requests, @input, @output, @cost)
        on conflict (day, model) do update
        set items = u.items + excluded.items, requests = u.requests + excluded.requests, input_tokens = u.input_tokens + excluded.input_tokens,
            output_tokens = u.output_tokens + excluded.output_tokens, estimated_cost_usd = u.estimated_cost_usd + excluded.estimated_cost_usd
        """;

    /// <returns>Of all models on that UTC day.</returns>
    public static async Task<(long Items, long Tokens)> ReadAsync(NpgsqlDataSource dataSource, DateOnly day, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("day", day));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    public static void AddUsage(NpgsqlBatch batch, IntentWrite write, string model, decimal costUsd, DateOnly day)
    {
        if (write is { Requests: 0, ByModel: 0 })
            return;

        var add = new NpgsqlBatchCommand(AddSql);
        add.Parameters.Add(new NpgsqlParameter<DateOnly>("day", day));
        add.Parameters.Add(new NpgsqlParameter<string>("model", model));
        add.Parameters.Add(new NpgsqlParameter<long>("items", write.ByModel));
        add.Parameters.Add(new NpgsqlParameter<long>("requests", write.Requests));
        add.Parameters.Add(new NpgsqlParameter<long>("input", write.InputTokens));
        add.Parameters.Add(new NpgsqlParameter<long>("output", write.OutputTokens));
        add.Parameters.Add(new NpgsqlParameter<decimal>("cost", costUsd));
        batch.BatchCommands.Add(add);
    }
}
