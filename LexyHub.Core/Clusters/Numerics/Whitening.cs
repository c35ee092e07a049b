using System.Numerics;
using System.Runtime.InteropServices;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Evens out the directions in which all vectors vary ("how do I", "women's"), so that clusters form by what tells keywords apart:
/// y = L⁻¹(x − μ), normalised, with LLᵀ = Σ + r·I, Σ the covariance and r the ridge.
/// </summary>
/// <remarks>
/// Mahalanobis whitening by Cholesky's factor. The ridge, one and a half times the largest variance that pure noise would show in so many vectors
/// (Marchenko and Pastur, 1967: the mean variance times (1 + √(dimensions/vectors))²), leaves the many weak directions as they are
/// and damps the few strong ones only; measured in docs/clusters.md. For real embeddings the effect is the known one of taking out common components (Mu and Viswanath, "All but
/// the top", 2018). Sums are in double and in fixed order, products in the one order of <see cref="TileKernel"/>: the same bits on
/// every machine.
/// </remarks>
internal static class Whitening
{
    // Of the largest variance of noise.
    private const double Ridge = 1.5;

    // More rows make the covariance no better by anything that matters.
    private const int RowsPerDimension = 8;

    // Vectors are equal but for rounding below this mean variance.
    private const double LeastVariance = 1e-9;

    /// <returns>The vectors themselves where they are all equal: there is nothing to even out.</returns>
    public static VectorSet Apply(VectorSet vectors, ParallelOptions threads, bool wide)
    {
        var dimensions = vectors.Dimensions;
        var sample = Sample(vectors.Count, RowsPerDimension * dimensions);
        var mean = new double[dimensions];
        vectors.Sum(sample, mean);
        for (var i = 0; i < dimensions; i++)
            mean[i] /= Math.Max(1, sample.Length);

        var covariance = Covariance(vectors, sample, mean, threads);
        var variance = Enumerable.Range(0, dimensions).Sum(i => covariance[i][i]) / dimensions;
        if (variance < LeastVariance)
            return vectors;

        var ridge = variance * Ridge * Math.Pow(1 + Math.Sqrt((double)dimensions / sample.Length), 2);
        for (var i = 0; i < dimensions; i++)
            covariance[i][i] += ridge;

        TriangularMatrix.Factor(covariance);
        TriangularMatrix.Invert(covariance, threads);
        return Transform(vectors, covariance, mean, threads, wide);
    }

    private static int[] Sample(int count, int most)
    {
        var taken = Math.Min(count, most);
        return [.. Enumerable.Range(0, taken).Select(i => (int)((long)i * count / taken))];
    }

    // Σ xxᵀ/n − μμᵀ, the lower triangle. Row after row of the result, so that threads share nothing.
    private static double[][] Covariance(VectorSet vectors, int[] sample, double[] mean, ParallelOptions threads)
    {
        const int Batch = 64;
        var dimensions = vectors.Dimensions;
        var sums = new double[dimensions][];
        for (var i = 0; i < dimensions; i++)
            sums[i] = new double[i + 1];

        for (var first = 0; first < sample.Length; first += Batch)
        {
            var end = Math.Min(first + Batch, sample.Length);
            Parallel.For(0, dimensions, threads, i =>
            {
                for (var at = first; at < end; at++)
                {
                    var row = vectors[sample[at]];
                    if (row[i] != 0)
                        AddScaled(row[..(i + 1)], row[i], sums[i]);
                }
            });
        }

        for (var i = 0; i < dimensions; i++)
        {
            for (var j = 0; j <= i; j++)
                sums[i][j] = (sums[i][j] / sample.Length) - (mean[i] * mean[j]);
        }

        return sums;
    }

    // Products of two floats are exact in double: fused or not, the sum is the same.
    private static void AddScaled(ReadOnlySpan<float> row, double factor, Span<double> sums)
    {
        var whole = row.Length - (row.Length % Vector<float>.Count);
        ref var component = ref MemoryMarshal.GetReference(row);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        var times = Vector.Create(factor);
        for (var i = 0; i < whole; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref component, (nuint)i), out var low, out var high);
            var upper = (nuint)(i + Vector<double>.Count);
            (Vector.LoadUnsafe(ref sum, (nuint)i) + (low * times)).StoreUnsafe(ref sum, (nuint)i);
            (Vector.LoadUnsafe(ref sum, upper) + (high * times)).StoreUnsafe(ref sum, upper);
        }

        for (var i = whole; i < row.Length; i++)
            sums[i] += row[i] * factor;
    }

    private static VectorSet Transform(VectorSet vectors, double[][] inverse, double[] mean, ParallelOptions threads, bool wide)
    {
        var dimensions = vectors.Dimensions;
        var panels = new CentroidPanels(dimensions, dimensions);
        var shift = new float[dimensions];
        var line = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            Array.Clear(line);
            var at = 0d;
            for (var j = 0; j <= i; j++)
            {
                line[j] = (float)inverse[i][j];
                at += inverse[i][j] * mean[j];
            }

            shift[i] = (float)at;
            panels.Set(i, line);
        }

        var whitened = VectorSet.Zeros(dimensions, vectors.Count);
        var blocks = (vectors.Count + TileKernel.Rows - 1) / TileKernel.Rows;
        Parallel.For(
            0,
            blocks,
            threads,
            () => (Offsets: new nint[TileKernel.Rows], Scores: new float[TileKernel.Scores]),
            (block, _, buffers) =>
            {
                var first = block * TileKernel.Rows;
                var rows = Math.Min(TileKernel.Rows, vectors.Count - first);
                for (var i = 0; i < TileKernel.Rows; i++)
                    buffers.Offsets[i] = (nint)(first + Math.Min(i, rows - 1)) * vectors.Stride;

                for (var panel = 0; panel < panels.Count; panel++)
                {
                    // The matrix is triangular: a panel's later dimensions are zeros.
                    var from = panel * CentroidPanels.Width;
                    var end = Math.Min(from + CentroidPanels.Width, dimensions);
                    TileKernel.Multiply(ref vectors.Origin, buffers.Offsets, ref panels[panel], end, buffers.Scores, wide);
                    for (var i = 0; i < rows; i++)
                    {
                        var target = whitened.Writable(first + i)[from..end];
                        for (var lane = 0; lane < target.Length; lane++)
                            target[lane] = buffers.Scores[(i * CentroidPanels.Width) + lane] - shift[from + lane];
                    }
                }

                // What lies on the mean itself has no direction from it: it keeps its own.
                for (var i = 0; i < rows; i++)
                {
                    if (!UnitVector.Normalize(whitened.Writable(first + i)))
                        vectors[first + i].CopyTo(whitened.Writable(first + i));
                }

                return buffers;
            },
            _ => { });
        return whitened;
    }
}
