namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// A rough partition of the vectors into cells of about a thousand, so that what looks for near vectors need not look everywhere.
/// Few vectors are one cell, and all searches in it exact.
/// </summary>
internal static class CoarseCells
{
    private const int MostInOneCell = 4_096;
    private const int MeanSize = 1_024;
    private const int Passes = 4;

    /// <returns>Of each row its cell.</returns>
    public static int[] Of(VectorSet vectors, ParallelOptions threads, bool wide)
    {
        var cells = new int[vectors.Count];
        if (vectors.Count <= MostInOneCell)
            return cells;

        var count = vectors.Count / MeanSize;
        var centroids = new float[count * vectors.Dimensions];
        for (var cell = 0; cell < count; cell++)
            vectors[(int)((long)cell * vectors.Count / count)].CopyTo(centroids.AsSpan(cell * vectors.Dimensions));

        Array.Fill(cells, -1);
        var means = new SphericalKMeans(vectors, centroids, cells, new float[vectors.Count], threads, wide);
        for (var pass = 0; pass < Passes; pass++)
        {
            if (pass > 0)
                means.Recentre();
            means.Assign(0, vectors.Count);
        }

        return cells;
    }

    /// <summary>For each cell itself and the cells nearest to it, nearest first.</summary>
    public static int[][] Around(VectorSet vectors, ClusterMembers cells, int count, int most)
    {
        var centroids = new CentroidAccumulator(count, vectors.Dimensions);
        var middle = VectorSet.Zeros(vectors.Dimensions, count);
        for (var cell = 0; cell < count; cell++)
        {
            foreach (var row in cells[cell])
                centroids.TryAdd(cell, vectors[row]);
            centroids.TryWrite(cell, middle.Writable(cell));
        }

        return [.. Enumerable.Range(0, count).Select(cell => Enumerable.Range(0, count)
            .OrderByDescending(other => other == cell ? 2 : ExactDot.Of(middle[cell], middle[other]))
            .Take(most)
            .ToArray())];
    }
}
