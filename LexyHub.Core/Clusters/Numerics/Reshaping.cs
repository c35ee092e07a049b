namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Fits the number of clusters to the data: splits a cluster whose halves explain much of its spread, merges two that explain
/// little of the spread of both together, and drops the empty ones.
/// </summary>
/// <remarks>
/// Both look at the same number, the share of the spread that two centroids explain beyond one, in the space of the vectors as they
/// are: in the smoothed one neighbours are alike by construction. Of m vectors in many dimensions pure chance explains about
/// 1/(m − 1), the best cut up to twice or three times that; the bar lies above it, lower for clusters larger than the target and
/// higher for smaller ones. That of merging lies well below that of splitting, so that nothing is split and merged in turn.
/// </remarks>
internal static class Reshaping
{
    private const double SplitShare = 0.16;
    private const double MergeShare = 0.08;
    private const double ChanceFactor = 1.5;

    // What was there yesterday stays unless the data speaks more clearly: both bars move away from it by as much.
    private const double Inertia = 1.3;

    // How far the target bends the bars: to the half or the double.
    private const double MostBend = 2;

    /// <param name="vectors">As they are.</param>
    /// <param name="assignments">Of each row its cluster; rewritten.</param>
    /// <param name="clusters">How many there are.</param>
    /// <param name="options">Target and smallest size.</param>
    /// <param name="homes">Of each row its home (see <see cref="Loyalty"/>), rewritten to where it went; empty where there is no yesterday. Where there is
    /// one, clusters are changed only where it is clearer than at first.</param>
    /// <param name="threads">No difference to the result.</param>
    /// <returns>Splits and merges made, and the clusters that there are now.</returns>
    public static (int Splits, int Merges, int Clusters) Apply(
        VectorSet vectors, int[] assignments, int clusters, ClusteringOptions options, int[] homes, ParallelOptions threads)
    {
        var inertia = homes.Length > 0 ? Inertia : 1;
        var members = ClusterMembers.Of(assignments, clusters);
        var sums = new double[clusters][];
        var cuts = new TwoMeans?[clusters];
        Parallel.For(0, clusters, threads, cluster =>
        {
            var rows = members[cluster];
            vectors.Sum(rows, sums[cluster] = new double[vectors.Dimensions]);
            if (rows.Length < 2 * Math.Max(2, options.SmallestCluster))
                return;

            var cut = TwoMeans.Of(vectors, rows);
            if (cut is not null && Math.Min(cut.First.Length, cut.Second.Length) >= Math.Max(2, options.SmallestCluster)
                && cut.Explained > inertia * Bar(SplitShare, rows.Length, options.TargetSize))
            {
                cuts[cluster] = cut;
            }
        });

        var merged = Merge(vectors, members, sums, cuts, options.TargetSize, inertia, threads);
        var before = assignments.ToArray();
        var outcome = Renumber(assignments, members, cuts, merged, clusters);
        if (homes.Length > 0)
            Loyalty.Follow(homes, before, assignments);
        return outcome;
    }

    private static double Bar(double share, int count, int target)
        => (share * Math.Clamp(Math.Sqrt((double)target / count), 1 / MostBend, MostBend)) + (ChanceFactor / (count - 1));

    // Of each cluster the one that it goes into; itself mostly.
    private static int[] Merge(
        VectorSet vectors, ClusterMembers members, double[][] sums, TwoMeans?[] cuts, int target, double inertia, ParallelOptions threads)
    {
        var clusters = sums.Length;
        var into = Enumerable.Range(0, clusters).ToArray();
        var pairs = NearPairs(vectors, sums, threads)
            .Where(pair => cuts[pair.First] is null && cuts[pair.Second] is null)
            .Select(pair => (pair.First, pair.Second, Explained: Explained(sums, members, pair.First, pair.Second)))
            .Where(pair => pair.Explained < Bar(
                MergeShare, members[pair.First].Length + members[pair.Second].Length, target) / inertia)
            .OrderBy(pair => pair.Explained).ThenBy(pair => pair.First).ThenBy(pair => pair.Second);
        var taken = new bool[clusters];
        foreach (var (first, second, _) in pairs)
        {
            if (taken[first] || taken[second])
                continue;

            taken[first] = taken[second] = true;
            into[second] = first;
        }

        return into;
    }

    private static double Explained(double[][] sums, ClusterMembers members, int first, int second)
    {
        var square = 0d;
        for (var i = 0; i < sums[first].Length; i++)
        {
            var whole = sums[first][i] + sums[second][i];
            square += whole * whole;
        }

        return TwoMeans.ExplainedBy(
            TwoMeans.Length(sums[first]), TwoMeans.Length(sums[second]), Math.Sqrt(square), members[first].Length + members[second].Length);
    }

    // Each cluster with those whose centroids are nearest to its own.
    private static List<(int First, int Second)> NearPairs(VectorSet vectors, double[][] sums, ParallelOptions threads)
    {
        var numbers = new List<int>();
        var centroids = VectorSet.Zeros(vectors.Dimensions, sums.Length);
        var centroid = new float[vectors.Dimensions];
        for (var cluster = 0; cluster < sums.Length; cluster++)
        {
            if (!UnitVector.TryWrite(sums[cluster], centroid))
                continue;
            centroid.CopyTo(centroids.Writable(numbers.Count));
            numbers.Add(cluster);
        }

        centroids = centroids.Take(numbers.Count);
        var cells = CoarseCells.Of(centroids, threads, TileKernel.IsWide);
        var graph = new NeighbourGraph(
            centroids, cells, new int[numbers.Count * NeighbourGraph.Degree], new float[numbers.Count * NeighbourGraph.Degree], TileKernel.IsWide);
        Parallel.For(0, graph.Tasks, threads, graph.Search);
        var pairs = new HashSet<(int, int)>();
        for (var i = 0; i < graph.Neighbours.Length; i++)
        {
            if (graph.Neighbours[i] < 0)
                continue;
            var (a, b) = (numbers[i / NeighbourGraph.Degree], numbers[graph.Neighbours[i]]);
            pairs.Add(a < b ? (a, b) : (b, a));
        }

        return [.. pairs];
    }

    private static (int Splits, int Merges, int Clusters) Renumber(
        int[] assignments, ClusterMembers members, TwoMeans?[] cuts, int[] into, int clusters)
    {
        var (splits, merges, next) = (0, 0, 0);
        var numbers = new int[clusters];
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            if (into[cluster] == cluster)
            {
                numbers[cluster] = members[cluster].Length == 0 ? -1 : next++;
                continue;
            }

            numbers[cluster] = numbers[into[cluster]];
            merges++;
        }

        for (var cluster = 0; cluster < clusters; cluster++)
        {
            foreach (var row in members[cluster])
                assignments[row] = numbers[cluster];
            if (cuts[cluster] is not { } cut)
                continue;

            foreach (var row in cut.Second)
                assignments[row] = next;
            next++;
            splits++;
        }

        return (splits, merges, next);
    }
}
