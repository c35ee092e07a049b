using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LexyHub.Core.Insights;

/// <summary>How many keywords and listings have their vector.</summary>
internal sealed class CoverageInsights(LexyHubDatabase database, IEmbeddingServiceFactory services, IOptions<EmbeddingOptions> options)
{
    // A row of embeddings counts only where hash and model match, as for the job. While the model is the local one, a real vector does too:
    // else the second join is none, and costs nothing. All hashes are made once and joined at once: a look for each term takes six times as long.
    private const string KeywordsSql = """
        with looked as materialized (
            select t.term, coalesce(e.term_hash, r.term_hash) is not null as has
            from (select distinct term from lexyhub_jobs.keyword_terms where term <> '') t
            left join embeddings e on e.term_hash = encode(sha256(convert_to(@model || '::' || t.term, 'UTF8')), 'hex') and e.model = @model
            left join embeddings r on r.model = @realModel
                and r.term_hash = case when @realModel <> @model then encode(sha256(convert_to(@realModel || '::' || t.term, 'UTF8')), 'hex') end
        )
        select count(*) + (select count(*) from lexyhub_jobs.keyword_terms where term is null), count(*) filter (where has),
            count(*) filter (where not has and q.item is not null), count(*) filter (where not has and q.item is not null and q.retry_at is null)
        from looked l left join lexyhub_jobs.embedding_quarantine q on q.kind = 'keyword' and q.item = l.term and q.model = @model
        """;

    // A listing whose text has changed keeps its old vector until the job comes to it: meanwhile it is due, and counts as missing.
    private const string ListingsSql = """
        select count(*), count(*) filter (where has),
            count(*) filter (where not has and q.item is not null), count(*) filter (where not has and q.item is not null and q.retry_at is null)
        from (
            select l.id, e.listing_id is not null and d.listing_id is null as has
            from listings l
            left join lexyhub_jobs.listing_embeddings e on e.listing_id = l.id and e.model in (@model, @realModel)
            left join lexyhub_jobs.embedding_due_listings d on d.listing_id = l.id) l
        left join lexyhub_jobs.embedding_quarantine q on q.kind = 'listing' and q.item = l.id::text and q.model = @model
        """;

    private const string ThereSql = "select to_regclass('public.embeddings') is not null and to_regclass('lexyhub_jobs.listing_embeddings') is not null";

    /// <returns>Null where the migrations that need pgvector are not applied.</returns>
    public async Task<CoveragePicture?> ReadAsync(CancellationToken cancellationToken)
    {
        var (model, realModel, problem) = Models();
        await using var connection = await database.OpenAsync(cancellationToken);
        await using (var there = new NpgsqlCommand(ThereSql, connection))
        {
            if (await there.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return null;
            }
        }

        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in (string[])[KeywordsSql, ListingsSql])
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql)
            {
                Parameters = { new NpgsqlParameter<string>("model", model), new NpgsqlParameter<string>("realModel", realModel) },
            });
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var keywords = await ReadCoverageAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return new CoveragePicture(model, problem, keywords, await ReadCoverageAsync(reader, cancellationToken));
    }

    private static async Task<Coverage> ReadCoverageAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        return new Coverage(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    // Without a provider there is still something to be seen: what the configured model has.
    private (string Model, string RealModel, string? Problem) Models()
    {
        try
        {
            var scope = EmbeddingScope.Of(services.Resolve(), options.Value);
            return (scope.Model, scope.RealModel, null);
        }
        catch (JobException e)
        {
            return (options.Value.Model, options.Value.Model, e.Message);
        }
    }
}

/// <param name="Model">Whose vectors are counted.</param>
/// <param name="Problem">Why none could be made now; null where nothing is known to be wrong.</param>
internal sealed record CoveragePicture(string Model, string? Problem, Coverage Keywords, Coverage Listings);

/// <param name="Total">Different terms with a text, or listings.</param>
/// <param name="Have">With a vector of the model for the text of today.</param>
/// <param name="Quarantined">Without one, because the model refused the text.</param>
/// <param name="GivenUp">Of them, those that are not tried again.</param>
internal sealed record Coverage(long Total, long Have, long Quarantined, long GivenUp)
{
    public long Missing => Total - Have - Quarantined;
}
