using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>A keyword as it is stored for targeting.</summary>
/// <param name="Confidence">That the intent is right, 0–1.</param>
public sealed record IntentExample(
    string Term, string Intent, string PurchaseStage, string? Occasion, string? Recipient, string? Style, string? Material, bool? Gift, double Confidence,
    string Model)
{
    private const string ReadSql = """
        select term, intent, purchase_stage, occasion, recipient, style, material, gift, confidence, model
        from (
            select k.term, c.*, row_number() over (
                partition by c.intent
                order by num_nonnulls(c.occasion, c.recipient, c.style, c.material, c.gift) desc, c.confidence desc, k.term) as place
            from lexyhub_jobs.intent_classifications c join keywords k on k.id = c.item_id
            where c.kind = 'keyword') ranked
        where place <= @count
        order by intent, place
        """;

    /// <param name="count">Of each intent; those with the most facets first, then the surest.</param>
    public static async Task<IReadOnlyList<IntentExample>> ReadAsync(NpgsqlDataSource dataSource, int count, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var examples = new List<IntentExample>();
        while (await reader.ReadAsync(cancellationToken))
        {
            examples.Add(new IntentExample(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), Text(3), Text(4), Text(5), Text(6),
                reader.IsDBNull(7) ? null : reader.GetBoolean(7), reader.GetFloat(8), reader.GetString(9)));
        }

        return examples;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
