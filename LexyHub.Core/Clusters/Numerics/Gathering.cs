namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Makes clusters of what belongs to none: the targeted number of centroids goes to where most vectors are, and small groups between them would
/// be outliers to the last.
/// </summary>
/// <remarks>
/// A loose vector with its loose neighbours is a group once each of them is as near to the middle of the others as a member has to be;
/// the one that is farthest leaves until that holds. Densest first, so that the order of rows decides nothing but ties, and until no
/// group is left to be found: the same loose vectors give no new one the next day.
/// </remarks>
internal sealed class Gathering(VectorSet vectors, int[] neighbours, int[] assignments)
{
    // A pair shares a word by chance.
    private const int SmallestGroup = 3;

    private readonly double[] sum = new double[vectors.Dimensions];

    /// <param name="clusters">How many there are.</param>
    /// <param name="smallest">Members of a cluster, at least.</param>
    /// <param name="threshold">Cosine to the middle of the others that a member has.</param>
    /// <returns>How many there are now; <c>assignments</c> are rewritten.</returns>
    public int Apply(int clusters, int smallest, float threshold)
    {
        smallest = Math.Max(smallest, SmallestGroup);
        var near = FindNear(threshold);
        var densest = near.OrderByDescending(one => one.Value.Sum(other => other.Similarity)).ThenBy(one => one.Key);
        foreach (var (row, others) in densest)
        {
            var group = others.Select(other => other.Row).Append(row).Where(one => assignments[one] < 0).Order().ToList();
            while (group.Count >= smallest && FindFarthest(group) is var (farthest, similarity) && similarity < threshold)
                group.Remove(farthest);
            if (assignments[row] >= 0 || group.Count < smallest)
                continue;

            foreach (var member in group)
                assignments[member] = clusters;
            clusters++;
        }

        return clusters;
    }

    // Of each loose row its loose neighbours, and those whose neighbour it is.
    private Dictionary<int, HashSet<(int Row, double Similarity)>> FindNear(float threshold)
    {
        var near = new Dictionary<int, HashSet<(int, double)>>();
        for (var row = 0; row < vectors.Count; row++)
        {
            if (assignments[row] >= 0)
                continue;

            foreach (var other in neighbours.AsSpan(row * NeighbourGraph.Degree, NeighbourGraph.Degree))
            {
                if (other < 0 || assignments[other] >= 0 || ExactDot.Of(vectors[row], vectors[other]) is var similarity && similarity < threshold)
                    continue;

                Of(row).Add((other, similarity));
                Of(other).Add((row, similarity));
            }
        }

        return near;

        HashSet<(int, double)> Of(int row) => near.TryGetValue(row, out var others) ? others : near[row] = [];
    }

    private (int Row, double Similarity) FindFarthest(List<int> group)
    {
        vectors.Sum([.. group], sum);
        var (farthest, least) = (-1, double.PositiveInfinity);
        foreach (var row in group)
        {
            var similarity = OutlierTrimming.ToOthers(vectors[row], sum);
            if (similarity < least)
                (farthest, least) = (row, similarity);
        }

        return (farthest, least);
    }
}
