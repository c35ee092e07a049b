using System.Numerics.Tensors;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// K-means on unit vectors by cosine (Dhillon and Modha, 2001), exact: every vector goes to the centroid that is nearest in double
/// precision, to the lower number where two are equally near. Two things save work without changing that result.
/// </summary>
/// <remarks>
/// <para>Fast products in float only propose: what comes within their rounding error of the best so far is computed again by
/// <see cref="ExactDot"/>. Hence the same assignments at every register width and, sums running in the order of the rows, the
/// same centroids.</para>
/// <para>A group of centroids is passed over while its bound (<see cref="GroupBounds"/>) is below the cosine to the vector's own
/// centroid.</para>
/// </remarks>
internal sealed class SphericalKMeans
{
    private const int BlockRows = 512;
    private const float NoScore = -2;

    private readonly VectorSet vectors;
    private readonly float[] centroids;
    private readonly int[] assignments;
    private readonly float[] similarities;
    private readonly CentroidPanels panels;
    private readonly GroupBounds bounds;
    private readonly bool[] touched;
    private readonly ParallelOptions threads;
    private readonly bool wide;
    private readonly int[]? homes;
    private readonly float error;
    private int moved;
    private long products;

    /// <param name="vectors">The rows.</param>
    /// <param name="centroids">Unit rows, one after the other; moved in place.</param>
    /// <param name="assignments">Of each row, −1 where it has none yet; overwritten.</param>
    /// <param name="similarities">Of each row to its centroid; overwritten.</param>
    /// <param name="threads">How many; no difference to the result.</param>
    /// <param name="wide">512-bit registers or the others; left out, by what the processor has.</param>
    /// <param name="homes">Of each row the cluster that it leaves only for one that is nearer by <see cref="Loyalty.Margin"/>, and goes back to
    /// otherwise; negative: an outlier, which takes no part and moves no centroid. Left out, all take part alike.</param>
    public SphericalKMeans(
        VectorSet vectors, float[] centroids, int[] assignments, float[] similarities, ParallelOptions threads, bool? wide = null, int[]? homes = null)
    {
        this.vectors = vectors;
        this.centroids = centroids;
        this.assignments = assignments;
        this.similarities = similarities;
        this.wide = wide ?? TileKernel.IsWide;
        this.homes = homes;
        Clusters = centroids.Length / vectors.Dimensions;
        panels = new CentroidPanels(Clusters, vectors.Dimensions);
        bounds = new GroupBounds(vectors.Count, panels.Count);
        touched = new bool[Clusters];
        this.threads = threads;

        // A sum of n products in any order is off by at most n·u·Σ|xᵢyᵢ|, u = 2⁻²⁴, and Σ|xᵢyᵢ| ≤ 1 for unit vectors (Higham,
        // "Accuracy and stability of numerical algorithms", 3.1); twice that, for lengths that are 1 but for rounding.
        error = (vectors.Dimensions + 2) * 1.2e-7f;
        for (var cluster = 0; cluster < Clusters; cluster++)
            panels.Set(cluster, Centroid(cluster));
    }

    public int Clusters { get; }

    /// <summary>Vectors that changed their cluster since <see cref="Recentre"/>.</summary>
    public int Moved => moved;

    /// <summary>Products of a vector and a centroid computed so far; n·k in each pass without bounds.</summary>
    public long Products => products;

    /// <summary>Brings the rows from <paramref name="from"/> to before <paramref name="to"/> to their nearest centroids.</summary>
    /// <remarks>Between two calls of <see cref="Recentre"/> each row may be brought once.</remarks>
    public void Assign(int from, int to)
    {
        var blocks = (to - from + BlockRows - 1) / BlockRows;
        Parallel.For(
            0,
            blocks,
            threads,
            () => new AssignmentBlock(BlockRows),
            (index, _, block) =>
            {
                var first = from + (index * BlockRows);
                block.Begin(first, Math.Min(first + BlockRows, to));
                Assign(block);
                return block;
            },
            block =>
            {
                Interlocked.Add(ref moved, block.Moved);
                Interlocked.Add(ref products, block.Products);
            });
    }

    /// <summary>Moves the centroids of clusters that changed to the middle of their vectors; an empty one stays where it is.</summary>
    /// <returns>The longest move.</returns>
    public double Recentre()
    {
        bounds.ForgetDrifts();
        moved = 0;
        var members = ClusterMembers.Of(assignments, Clusters);
        var moves = new double[Clusters];
        Parallel.For(
            0,
            Clusters,
            threads,
            () => (Sum: new double[vectors.Dimensions], Centroid: new float[vectors.Dimensions]),
            (cluster, _, buffers) =>
            {
                if (touched[cluster])
                    moves[cluster] = Recentre(cluster, members[cluster], buffers.Sum, buffers.Centroid);

                return buffers;
            },
            _ => { });
        for (var cluster = 0; cluster < Clusters; cluster++)
        {
            if (moves[cluster] > 0)
                bounds.Moved(cluster, moves[cluster]);
        }

        Array.Clear(touched);
        return moves.Length == 0 ? 0 : moves.Max();
    }

    private ReadOnlySpan<float> Centroid(int cluster)
        => centroids.AsSpan(cluster * vectors.Dimensions, vectors.Dimensions);

    private double Recentre(int cluster, ReadOnlySpan<int> members, double[] sum, float[] centroid)
    {
        vectors.Sum(members, sum);
        if (!UnitVector.TryWrite(sum, centroid))
            return 0;

        var old = centroids.AsSpan(cluster * vectors.Dimensions, vectors.Dimensions);
        var square = 0d;
        for (var i = 0; i < centroid.Length; i++)
            square += ((double)centroid[i] - old[i]) * ((double)centroid[i] - old[i]);

        centroid.CopyTo(old);
        panels.Set(cluster, old);
        return Math.Sqrt(square);
    }

    private void Assign(AssignmentBlock block)
    {
        for (var row = block.From; row < block.To; row++)
        {
            var own = assignments[row];
            block.Own(row) = own < 0 ? Nearest.None : new Nearest(own, ExactDot.Of(vectors[row], Centroid(own)));
            block.Best(row) = block.Own(row);
        }

        for (var group = 0; group < bounds.Groups; group++)
        {
            Gather(block, group);
            var first = group * bounds.PanelsPerGroup;
            var end = Math.Min(first + bounds.PanelsPerGroup, panels.Count);
            for (var panel = first; panel < end; panel++)
            {
                for (var at = 0; at < block.RowCount; at += TileKernel.Rows)
                    Compare(block, panel, block.Rows[at..Math.Min(at + TileKernel.Rows, block.RowCount)]);
            }
        }

        for (var row = block.From; row < block.To; row++)
        {
            if (TakesPart(row))
                Settle(block, row);
        }
    }

    // The rows whose own centroid may be beaten by one of the group; their bounds are found anew.
    private void Gather(AssignmentBlock block, int group)
    {
        var drift = bounds.Drift(group);
        block.ClearRows();
        for (var row = block.From; row < block.To; row++)
        {
            ref var bound = ref bounds[row, group];
            bound += drift;
            if (bound < block.Best(row).Similarity || !TakesPart(row))
                continue;

            bound = NoScore;
            block.AddRow(row);
        }
    }

    private void Compare(AssignmentBlock block, int panel, ReadOnlySpan<int> rows)
    {
        for (var i = 0; i < TileKernel.Rows; i++)
            block.Offsets[i] = (nint)rows[Math.Min(i, rows.Length - 1)] * vectors.Stride;

        TileKernel.Multiply(ref vectors.Origin, block.Offsets, ref panels[panel], vectors.Dimensions, block.Scores, wide);
        var first = panel * CentroidPanels.Width;
        var lanes = Math.Min(CentroidPanels.Width, Clusters - first);
        block.Products += rows.Length * lanes;
        for (var i = 0; i < rows.Length; i++)
            Compare(block, rows[i], first, block.Scores.AsSpan(i * CentroidPanels.Width, lanes));
    }

    private void Compare(AssignmentBlock block, int row, int first, Span<float> scores)
    {
        // The own centroid is not part of the bound, and its cosine is known already.
        var own = block.Own(row).Cluster - first;
        if (block.Own(row).Cluster >= 0 && (uint)own < (uint)scores.Length)
            scores[own] = NoScore;

        var highest = TensorPrimitives.Max<float>(scores);
        ref var bound = ref bounds[row, bounds.GroupOf(first)];
        bound = Math.Max(bound, highest + error);

        // Exact values are above a score less the error: what is below the best of them by another error cannot win.
        ref var best = ref block.Best(row);
        var least = Math.Max((float)best.Similarity, highest - error) - error;
        if (highest < least)
            return;

        for (var lane = 0; lane < scores.Length; lane++)
        {
            if (scores[lane] >= least)
                best = best.Or(first + lane, ExactDot.Of(vectors[row], Centroid(first + lane)));
        }
    }

    private void Settle(AssignmentBlock block, int row)
    {
        var own = block.Own(row);
        var best = HomeOr(block.Best(row), row, own);
        similarities[row] = (float)best.Similarity;
        if (best.Cluster == own.Cluster)
            return;

        assignments[row] = best.Cluster;
        touched[best.Cluster] = true;
        block.Moved++;
        if (own.Cluster < 0)
            return;

        // The centroid that it leaves counts among the others from now on.
        touched[own.Cluster] = true;
        ref var bound = ref bounds[row, bounds.GroupOf(own.Cluster)];
        bound = Math.Max(bound, (float)own.Similarity + error);
    }

    // Trimmed k-means (Cuesta-Albertos, Gordaliza and Matrán, 1997): what belongs to none shall not bend the centroids of the others.
    private bool TakesPart(int row) => homes is null || homes[row] >= 0;

    // The distance to the home is known where the row is there.
    private Nearest HomeOr(Nearest best, int row, Nearest own)
    {
        if (homes is null || homes[row] is var home && home == best.Cluster)
            return best;

        var similarity = home == own.Cluster ? own.Similarity : ExactDot.Of(vectors[row], Centroid(home));
        return similarity >= best.Similarity - Loyalty.Margin ? new Nearest(home, similarity) : best;
    }
}
