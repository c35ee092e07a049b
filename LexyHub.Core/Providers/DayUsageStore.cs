using Npgsql;

namespace LexyHub.Core.Providers;

/// <summary>What a job paid a model for, per UTC day: its cap of tokens is judged by it.</summary>
internal sealed class DayUsageStore
{
    public static readonly DayUsageStore Embeddings = new("embedding_usage");

    public static readonly DayUsageStore Clusters = new("cluster_usage");

    private readonly string _readSql;
    private readonly string _addSql;

    private DayUsageStore(string table)
    {
        _readSql = $"select coalesce(sum(tokens), 0)::bigint from lexyhub_jobs.{table} where day = @day";
        _addSql = $"""
            insert into lexyhub_jobs.{table} as u (day, model, requests, tokens, estimated_cost_usd)
            values (@day, @model, @requests, @tokens, @cost)
            on conflict (day, model) do update
            set requests = u.requests + excluded.requests, tokens = u.tokens + excluded.tokens,
                estimated_cost_usd = u.estimated_cost_usd + excluded.estimated_cost_usd
            """;
    }

    /// <returns>Tokens of all models on that UTC day.</returns>
    public async Task<long> ReadTokensAsync(NpgsqlDataSource dataSource, DateOnly day, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(_readSql);
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("day", day));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Adds a command to the batch; none where nothing was asked for.</summary>
    public void Add(NpgsqlBatch batch, DateOnly day, string model, long requests, long tokens, decimal costUsd)
    {
        if ((requests, tokens) == (0, 0))
            return;

        var add = new NpgsqlBatchCommand(_addSql);
        add.Parameters.Add(new NpgsqlParameter<DateOnly>("day", day));
        add.Parameters.Add(new NpgsqlParameter<string>("model", model));
        add.Parameters.Add(new NpgsqlParameter<long>("requests", requests));
        add.Parameters.Add(new NpgsqlParameter<long>("tokens", tokens));
        add.Parameters.Add(new NpgsqlParameter<decimal>("cost", costUsd));
        batch.BatchCommands.Add(add);
    }
}
