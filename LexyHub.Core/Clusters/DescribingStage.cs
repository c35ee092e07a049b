using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>Computes centroids and similarities in all dimensions, from the stored vectors, some clusters a step.</summary>
internal sealed class DescribingStage(RebuildScope scope) : IRebuildStage
{
    private const int TermsAtOnce = 2_000;

    private readonly TermVectors source = new(scope.DataSource, scope.Embeddings);
    private readonly float[] vectors = new float[TermsAtOnce * scope.Embeddings.Dimensions];
    private RebuildMembers? members;

    public async Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken)
    {
        members ??= await RebuildMembers.ReadAsync(scope.DataSource, scope.Id, scope.Reduction.Dimensions, cancellationToken);
        var batch = TakeBatch(members.Clusters, state.Next);
        var described = batch is [{ Terms.Count: > TermsAtOnce } large]
            ? [await DescribeLargeAsync(large, cancellationToken)]
            : await DescribeAsync(batch, cancellationToken);

        var done = state.Next + batch.Count;
        var next = done < members.Clusters.Count
            ? state with { Next = done }
            : state with { Stage = RebuildStage.Labelling, Next = 0 };
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await DescribedClusterStore.WriteAsync(transaction.Connection, scope.Id, described, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress with { Stage = $"centroids of {done} of {members.Clusters.Count} clusters" }, cancellationToken);
        return next;
    }

    private static List<NewCluster> TakeBatch(IReadOnlyList<NewCluster> clusters, int first)
    {
        var batch = new List<NewCluster>();
        var terms = 0;
        for (var number = first; number < clusters.Count; number++)
        {
            terms += clusters[number].Terms.Count;
            if (batch.Count > 0 && terms > TermsAtOnce)
            {
                break;
            }

            batch.Add(clusters[number]);
        }

        return batch;
    }

    private async Task<IReadOnlyList<DescribedCluster>> DescribeAsync(List<NewCluster> batch, CancellationToken cancellationToken)
    {
        var terms = batch.SelectMany(cluster => cluster.Terms).ToList();
        var found = await source.ReadAsync(terms, vectors, cancellationToken);
        var described = new List<DescribedCluster>(batch.Count);
        var first = 0;
        foreach (var cluster in batch)
        {
            var sums = new CentroidAccumulator(1, scope.Embeddings.Dimensions);
            Accumulate(sums, first, cluster.Terms.Count, found);
            var centroid = new float[scope.Embeddings.Dimensions];
            sums.TryWrite(0, centroid);
            var similarities = new List<LabelMember>(cluster.Terms.Count);
            Compare(centroid, cluster.Terms, first, found, similarities);
            described.Add(DescribedCluster.Of(cluster.Number, cluster.Market, centroid, similarities));
            first += cluster.Terms.Count;
        }

        return described;
    }

    // Its vectors do not fit at once: they are read twice, for the centroid and for the similarities to it.
    private async Task<DescribedCluster> DescribeLargeAsync(NewCluster cluster, CancellationToken cancellationToken)
    {
        var sums = new CentroidAccumulator(1, scope.Embeddings.Dimensions);
        foreach (var terms in cluster.Terms.Chunk(TermsAtOnce))
        {
            Accumulate(sums, 0, terms.Length, await source.ReadAsync(terms, vectors, cancellationToken));
        }

        var centroid = new float[scope.Embeddings.Dimensions];
        sums.TryWrite(0, centroid);
        var similarities = new List<LabelMember>(cluster.Terms.Count);
        foreach (var terms in cluster.Terms.Chunk(TermsAtOnce))
        {
            Compare(centroid, terms, 0, await source.ReadAsync(terms, vectors, cancellationToken), similarities);
        }

        return DescribedCluster.Of(cluster.Number, cluster.Market, centroid, similarities);
    }

    private ReadOnlySpan<float> Vector(int row) => vectors.AsSpan(row * scope.Embeddings.Dimensions, scope.Embeddings.Dimensions);

    private void Accumulate(CentroidAccumulator sums, int first, int count, bool[] found)
    {
        for (var row = first; row < first + count; row++)
        {
            if (found[row])
            {
                sums.TryAdd(0, Vector(row));
            }
        }
    }

    // A vector that has gone since the snapshot leaves its term out.
    private void Compare(float[] centroid, IReadOnlyList<string> terms, int first, bool[] found, List<LabelMember> similarities)
    {
        for (var i = 0; i < terms.Count; i++)
        {
            if (found[first + i] && UnitVector.Scale(Vector(first + i), out var scale) == VectorRejection.None)
            {
                similarities.Add(new LabelMember(terms[i], (float)(ExactDot.Of(Vector(first + i), centroid) * scale)));
            }
        }
    }
}
