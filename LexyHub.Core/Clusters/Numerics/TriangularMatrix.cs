namespace LexyHub.Core.Clusters.Numerics;

/// <summary>Lower triangles, a row longer than the one before. Sums in fixed order, in double.</summary>
internal static class TriangularMatrix
{
    /// <summary>Cholesky's factor L of a symmetric positive definite matrix LLᵀ, in its place (Golub and Van Loan, 4.2).</summary>
    public static void Factor(double[][] matrix)
    {
        for (var i = 0; i < matrix.Length; i++)
        {
            for (var j = 0; j < i; j++)
                matrix[i][j] = (matrix[i][j] - Dot(matrix[i], matrix[j], j)) / matrix[j][j];

            matrix[i][i] = Math.Sqrt(matrix[i][i] - Dot(matrix[i], matrix[i], i));
        }
    }

    /// <summary>The inverse of a lower triangle, in its place.</summary>
    public static void Invert(double[][] matrix, ParallelOptions threads)
    {
        // Column j of the inverse needs only columns of the factor: each by itself, kept as a row of the transpose.
        var columns = new double[matrix.Length][];
        Parallel.For(0, matrix.Length, threads, j =>
        {
            var column = columns[j] = new double[matrix.Length - j];
            column[0] = 1 / matrix[j][j];
            for (var i = j + 1; i < matrix.Length; i++)
                column[i - j] = -Dot(matrix[i].AsSpan(j), column, i - j) / matrix[i][i];
        });
        for (var i = 0; i < matrix.Length; i++)
        {
            for (var j = 0; j <= i; j++)
                matrix[i][j] = columns[j][i - j];
        }
    }

    // Four sums, so that an addition need not wait for the one before.
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int count)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        var i = 0;
        for (; i + 4 <= count; i += 4)
        {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }

        for (; i < count; i++)
            s0 += a[i] * b[i];

        return s0 + s1 + (s2 + s3);
    }
}
