namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// The nearest neighbours of every vector: among all of them where there are few, otherwise among those of its own cell and of the
/// seven cells around it.
/// </summary>
internal sealed class NeighbourGraph
{
    /// <summary>Neighbours of a vector.</summary>
    public const int Degree = 10;

    private const float OwnShare = 0.3f;
    private const int CellsSearched = 8;
    private const int RowsPerTask = 512;

    private readonly VectorSet vectors;
    private readonly ClusterMembers cells;
    private readonly int[][] around;
    private readonly (int Cell, int First)[] tasks;
    private readonly bool wide;

    /// <param name="vectors">Whose neighbours are wanted.</param>
    /// <param name="cellOf">Of each row its cell.</param>
    /// <param name="neighbours"><see cref="Degree"/> for each row, −1 where there are fewer; filled by <see cref="Search"/>.</param>
    /// <param name="similarities">Likewise, nearest first.</param>
    /// <param name="wide">See <see cref="TileKernel.Multiply"/>.</param>
    public NeighbourGraph(VectorSet vectors, int[] cellOf, int[] neighbours, float[] similarities, bool wide)
    {
        this.vectors = vectors;
        this.wide = wide;
        Neighbours = neighbours;
        Similarities = similarities;
        var count = cellOf.Length == 0 ? 0 : cellOf.Max() + 1;
        cells = ClusterMembers.Of(cellOf, count);
        around = CoarseCells.Around(vectors, cells, count, CellsSearched);
        tasks = [.. Enumerable.Range(0, count).SelectMany(cell => Enumerable
            .Range(0, (cells[cell].Length + RowsPerTask - 1) / RowsPerTask)
            .Select(task => (cell, task * RowsPerTask)))];
    }

    public int[] Neighbours { get; }

    public float[] Similarities { get; }

    /// <summary>Parts that the search can be done in, in any order.</summary>
    public int Tasks => tasks.Length;

    /// <summary>Products that a part computes.</summary>
    public long ProductsOf(int task)
    {
        var (cell, first) = tasks[task];
        return Math.Min(RowsPerTask, cells[cell].Length - first) * around[cell].Sum(other => (long)cells[other].Length);
    }

    public void Search(int task)
    {
        var (cell, first) = tasks[task];
        var rows = cells[cell].Slice(first, Math.Min(RowsPerTask, cells[cell].Length - first));
        foreach (var row in rows)
        {
            Neighbours.AsSpan(row * Degree, Degree).Fill(-1);
            Similarities.AsSpan(row * Degree, Degree).Fill(float.NegativeInfinity);
        }

        var panel = new CentroidPanels(CentroidPanels.Width, vectors.Dimensions);
        var offsets = new nint[TileKernel.Rows];
        var scores = new float[TileKernel.Scores];
        foreach (var other in around[cell])
        {
            var candidates = cells[other];
            for (var from = 0; from < candidates.Length; from += CentroidPanels.Width)
            {
                var lanes = candidates[from..Math.Min(from + CentroidPanels.Width, candidates.Length)];
                for (var lane = 0; lane < lanes.Length; lane++)
                    panel.Set(lane, vectors[lanes[lane]]);
                for (var at = 0; at < rows.Length; at += TileKernel.Rows)
                {
                    for (var i = 0; i < TileKernel.Rows; i++)
                        offsets[i] = (nint)rows[Math.Min(at + i, rows.Length - 1)] * vectors.Stride;
                    TileKernel.Multiply(ref vectors.Origin, offsets, ref panel[0], vectors.Dimensions, scores, wide);
                    for (var i = 0; i < Math.Min(TileKernel.Rows, rows.Length - at); i++)
                        Keep(rows[at + i], lanes, scores.AsSpan(i * CentroidPanels.Width, lanes.Length));
                }
            }
        }
    }

    /// <summary>
    /// Moves every vector 70 % of the way to the mean of its neighbours, weighted by the cubes of their cosines: what they share
    /// counts more, what is a vector's own (a brand, a typo) less. One step of diffusion over the graph.
    /// </summary>
    public VectorSet Smooth(ParallelOptions threads)
    {
        var smooth = VectorSet.Zeros(vectors.Dimensions, vectors.Count);
        Parallel.For(0, vectors.Count, threads, row =>
        {
            var target = smooth.Writable(row);
            for (var i = 0; i < Degree; i++)
            {
                var (neighbour, similarity) = (Neighbours[(row * Degree) + i], Similarities[(row * Degree) + i]);
                if (neighbour >= 0 && similarity > 0)
                    FusedSum.Add(target, vectors[neighbour], similarity * similarity * similarity);
            }

            if (UnitVector.Normalize(target))
                FusedSum.Add(target, vectors[row], OwnShare / (1 - OwnShare));
            else
                vectors[row].CopyTo(target);
            if (!UnitVector.Normalize(target))
                vectors[row].CopyTo(target);
        });
        return smooth;
    }

    private void Keep(int row, ReadOnlySpan<int> candidates, ReadOnlySpan<float> scores)
    {
        var neighbours = Neighbours.AsSpan(row * Degree, Degree);
        var similarities = Similarities.AsSpan(row * Degree, Degree);
        for (var lane = 0; lane < scores.Length; lane++)
        {
            if (scores[lane] <= similarities[^1] || candidates[lane] == row)
                continue;

            // Insertion; of equally near ones the first stays before.
            var at = Degree - 1;
            for (; at > 0 && similarities[at - 1] < scores[lane]; at--)
                (similarities[at], neighbours[at]) = (similarities[at - 1], neighbours[at - 1]);
            (similarities[at], neighbours[at]) = (scores[lane], candidates[lane]);
        }
    }
}
