using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Insights;

/// <summary>What the model providers were paid, per UTC day.</summary>
internal sealed class UsageInsights(LexyHubDatabase database)
{
    private const string ReadSql = """
        select day, 'embed-missing', model, requests, tokens, estimated_cost_usd
        from lexyhub_jobs.embedding_usage where day between @from and @to
        union all
        select day, 'intent-classify', model, requests, input_tokens + output_tokens, estimated_cost_usd
        from lexyhub_jobs.intent_usage where day between @from and @to
        union all
        select day, 'rebuild-clusters', model, requests, tokens, estimated_cost_usd
        from lexyhub_jobs.cluster_usage where day between @from and @to
        order by 1, 2, 3
        """;

    public async Task<List<ModelUsage>> ReadAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ReadSql, connection)
        {
            Parameters = { new NpgsqlParameter<DateOnly>("from", from), new NpgsqlParameter<DateOnly>("to", to) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<ModelUsage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new ModelUsage(
                reader.GetFieldValue<DateOnly>(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetDecimal(5)));
        }

        return rows;
    }
}

/// <param name="Day">UTC.</param>
/// <param name="Tokens">Paid for.</param>
/// <param name="EstimatedCostUsd">By the list price of the model; 0 for the local one.</param>
internal sealed record ModelUsage(DateOnly Day, string Job, string Model, long Requests, long Tokens, decimal EstimatedCostUsd);
