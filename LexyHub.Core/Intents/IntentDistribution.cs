using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>How many items have which intent.</summary>
/// <param name="Kind"><c>keyword</c> or <c>listing</c>.</param>
/// <param name="Confidence">The mean, 0–1.</param>
public sealed record IntentCount(string Kind, string Intent, string PurchaseStage, string Model, long Items, double Confidence)
{
    private const string ReadSql = """
        select kind, intent, purchase_stage, model, count(*), avg(confidence)
        from lexyhub_jobs.intent_classifications
        group by kind, intent, purchase_stage, model
        order by kind, count(*) desc, intent, purchase_stage, model
        """;

    public static async Task<IReadOnlyList<IntentCount>> ReadAllAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new List<IntentCount>();
        while (await reader.ReadAsync(cancellationToken))
            counts.Add(new IntentCount(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4), reader.GetDouble(5)));
        return counts;
    }
}
