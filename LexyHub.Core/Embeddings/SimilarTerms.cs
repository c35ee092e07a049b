using LexyHub.Core.Data;
using Npgsql;
using Pgvector;

namespace LexyHub.Core.Embeddings;

/// <summary>A term near another one.</summary>
/// <param name="CosineSimilarity">−1 to 1; higher is closer.</param>
public sealed record SimilarTerm(string Term, double CosineSimilarity);

/// <summary>The terms nearest to a text, among the vectors of one model.</summary>
public static class SimilarTerms
{
    /// <summary>An HNSW scan looks at so many candidates (<c>hnsw.ef_search</c>), one of which is the term itself.</summary>
    public const int MaxCount = 39;

    // <=> is cosine distance (0 same direction, 2 opposite); callers receive similarity.
    // The cast and the model match the partial HNSW index.
    internal const string NearestSql = """
        select term, 1 - (embedding::halfvec(3072) <=> @query::halfvec(3072)) as cosine_similarity
        from embeddings where model = @model
        order by embedding::halfvec(3072) <=> @query::halfvec(3072) limit @count
        """;

    // In single precision no index fits: every vector is looked at.
    private const string ExactSql = """
        select term, 1 - (embedding <=> @query) as cosine_similarity
        from embeddings where model = @model
        order by embedding <=> @query limit @count
        """;

    private const string VectorSql = "select embedding from embeddings where term_hash = @hash and model = @model";

    /// <param name="dataSource">Where <c>embeddings</c> is.</param>
    /// <param name="service">Its model's vectors are compared; it embeds the text where that has no vector yet, without storing it.</param>
    /// <param name="text">In any form; not blank.</param>
    /// <param name="count">1 to <see cref="MaxCount"/>.</param>
    /// <param name="exact">By every vector, also where there is an index.</param>
    /// <param name="cancellationToken">Ends the request to the service too.</param>
    /// <returns>The nearest first, without the term itself; empty where the model has no vectors.</returns>
    public static async Task<IReadOnlyList<SimilarTerm>> FindAsync(
        NpgsqlDataSource dataSource, IEmbeddingService service, string text, int count, bool exact, CancellationToken cancellationToken)
    {
        var term = TermText.Normalize(text);
        var query = await ReadVectorAsync(dataSource, service.Model, term, cancellationToken) ?? await EmbedAsync(service, term, cancellationToken);
        await using var command = dataSource.CreateCommand(exact ? ExactSql : NearestSql);
        command.Parameters.AddWithValue("query", query);
        command.Parameters.Add(new NpgsqlParameter<string>("model", service.Model));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count + 1));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var similar = new List<SimilarTerm>();
        while (await reader.ReadAsync(cancellationToken))
        {
            similar.Add(new SimilarTerm(reader.GetString(0), reader.GetDouble(1)));
        }

        similar.RemoveAll(other => other.Term == term);
        return [.. similar.Take(count)];
    }

    private static async Task<Vector?> ReadVectorAsync(NpgsqlDataSource dataSource, string model, string term, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(VectorSql);
        command.Parameters.Add(new NpgsqlParameter<string>("hash", EmbeddingScope.Hash($"{model}::{term}")));
        command.Parameters.Add(new NpgsqlParameter<string>("model", model));
        return await command.ExecuteScalarAsync(cancellationToken) as Vector;
    }

    private static async Task<Vector> EmbedAsync(IEmbeddingService service, string term, CancellationToken cancellationToken)
    {
        var reason = "it gave no answer.";
        await foreach (var result in service.EmbedAsync(new[] { new EmbeddingInput(term, term) }.ToAsyncEnumerable(), cancellationToken))
        {
            if (result.Embedded is [var embedded, ..])
            {
                return new Vector(embedded.Vector.ToArray());
            }

            reason = result.Rejected.Select(rejected => rejected.Reason).Concat(result.Failed.Select(failed => failed.Reason)).FirstOrDefault(reason);
        }

        throw new Jobs.JobException("term-not-embedded", 502, $"The model has no vector for '{term}': {reason}");
    }
}
