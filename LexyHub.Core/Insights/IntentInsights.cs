using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Insights;

/// <summary>What intents keywords and listings have.</summary>
internal sealed class IntentInsights(LexyHubDatabase database)
{
    // One pass, whatever is counted by.
    private const string CountsSql = """
        select case when grouping(intent) = 0 then 'intent' when grouping(purchase_stage) = 0 then 'stage' else 'model' end,
            coalesce(intent, purchase_stage, model),
            count(*) filter (where kind = 'keyword'), count(*) filter (where kind = 'listing'), avg(confidence)::double precision
        from lexyhub_jobs.intent_classifications
        group by grouping sets ((intent), (purchase_stage), (model))
        having coalesce(intent, purchase_stage, model) is not null
        order by 1, count(*) desc, 2
        """;

    private const string TotalsSql = """
        select (select count(*) from keywords), (select count(*) from listings),
            (select count(*) from lexyhub_jobs.intent_quarantine where kind = 'keyword'),
            (select count(*) from lexyhub_jobs.intent_quarantine where kind = 'listing'),
            (select max(classified_at) from lexyhub_jobs.intent_classifications)
        """;

    public async Task<IntentPicture> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new NpgsqlBatchCommand(TotalsSql), new NpgsqlBatchCommand(CountsSql) },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var picture = new IntentPicture(
            reader.GetInt64(0),
            reader.GetInt64(1),
            reader.GetInt64(2),
            reader.GetInt64(3),
            reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4),
            []);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            picture.Counts.Add(new IntentCount(
                reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.IsDBNull(4) ? null : reader.GetDouble(4)));
        }

        return picture;
    }
}

/// <param name="Keywords">Keywords there are.</param>
/// <param name="Listings">Listings there are.</param>
/// <param name="QuarantinedKeywords">That the model refused.</param>
/// <param name="QuarantinedListings">That the model refused.</param>
/// <param name="ClassifiedAt">When one was last classified, UTC; null where none is.</param>
/// <param name="Counts">Most first.</param>
internal sealed record IntentPicture(
    long Keywords, long Listings, long QuarantinedKeywords, long QuarantinedListings, DateTimeOffset? ClassifiedAt, List<IntentCount> Counts)
{
    public IEnumerable<IntentCount> By(string dimension) => Counts.Where(count => count.Dimension == dimension);
}

/// <param name="Dimension"><c>intent</c>, <c>stage</c> or <c>model</c>.</param>
/// <param name="Value">Of the dimension.</param>
/// <param name="Confidence">Mean, 0–1.</param>
internal sealed record IntentCount(string Dimension, string Value, long Keywords, long Listings, double? Confidence);
