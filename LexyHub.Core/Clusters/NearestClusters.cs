using System.Numerics.Tensors;
using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Embeddings;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>A term that is due, with the markets in which it is a keyword.</summary>
internal readonly record struct PlaceableTerm(string Term, string[] Markets);

/// <summary>Where a term belongs.</summary>
internal readonly record struct ClusterPlace(string Term, string Market, Guid ClusterId, float Similarity);

/// <summary>The stored cluster nearest to a term, by the stored centroid in all dimensions. Each market's centroids are read once.</summary>
internal sealed class NearestClusters(NpgsqlDataSource dataSource, EmbeddingScope embeddings)
{
    // Centroids of another model cannot be compared.
    private const string CentroidsSql = """
        select f.cluster_id, f.threshold, vector_send(c.centroid_vector)
        from lexyhub_jobs.cluster_facts f join concept_clusters c on c.id = f.cluster_id
        where f.market = @market and f.model = @model
        order by f.cluster_id
        """;

    private readonly TermVectors source = new(dataSource, embeddings);
    private readonly Dictionary<string, List<Centroid>> markets = new(StringComparer.Ordinal);

    /// <summary>Of a market of terms that were looked for.</summary>
    public bool HasClusters(string market) => markets[market].Count > 0;

    /// <returns>A place for each term and market that is near enough to a cluster.</returns>
    public async Task<IReadOnlyList<ClusterPlace>> FindAsync(IReadOnlyList<PlaceableTerm> all, CancellationToken cancellationToken)
    {
        foreach (var market in all.SelectMany(term => term.Markets).Distinct())
        {
            if (!markets.ContainsKey(market))
            {
                markets[market] = await ReadCentroidsAsync(market, cancellationToken);
            }
        }

        var terms = all.Where(term => term.Markets.Any(HasClusters)).ToList();
        if (terms.Count == 0)
        {
            return [];
        }

        var vectors = new float[terms.Count * embeddings.Dimensions];
        var found = await source.ReadAsync([.. terms.Select(term => term.Term)], vectors, cancellationToken);
        return [.. Enumerable.Range(0, terms.Count).AsParallel().AsOrdered().Where(i => found[i])
            .SelectMany(i => Places(terms[i], vectors.AsMemory(i * embeddings.Dimensions, embeddings.Dimensions)))];
    }

    private IEnumerable<ClusterPlace> Places(PlaceableTerm term, ReadOnlyMemory<float> vector)
    {
        UnitVector.Scale(vector.Span, out var scale);
        foreach (var market in term.Markets)
        {
            var (best, similarity) = ((Centroid?)null, float.NegativeInfinity);
            foreach (var centroid in markets[market])
            {
                var cosine = (float)(TensorPrimitives.Dot(centroid.Vector, vector.Span) * scale);
                if (cosine > similarity)
                {
                    (best, similarity) = (centroid, cosine);
                }
            }

            if (best is not null && similarity >= best.Threshold)
            {
                yield return new ClusterPlace(term.Term, market, best.Id, similarity);
            }
        }
    }

    private async Task<List<Centroid>> ReadCentroidsAsync(string market, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(CentroidsSql);
        command.Parameters.Add(new NpgsqlParameter<string>("market", market));
        command.Parameters.Add(new NpgsqlParameter<string>("model", embeddings.Model));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var centroids = new List<Centroid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var vector = new float[embeddings.Dimensions];
            if (VectorWire.TryRead(reader.GetFieldValue<byte[]>(2), vector) == VectorRejection.None)
            {
                centroids.Add(new Centroid(reader.GetGuid(0), reader.GetFloat(1), vector));
            }
        }

        return centroids;
    }

    private sealed record Centroid(Guid Id, float Threshold, float[] Vector);
}
