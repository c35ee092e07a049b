namespace LexyHub.Core.Clusters.Numerics;

/// <summary>A cluster cut in two.</summary>
/// <param name="First">Rows of one half, in order.</param>
/// <param name="Second">Rows of the other.</param>
/// <param name="Explained">Share of the spread inside the cluster that the cut takes away, 0 to 1.</param>
internal sealed record TwoMeans(int[] First, int[] Second, double Explained)
{
    private const int MostPasses = 10;

    /// <summary>Two-means from the vector that is farthest from the middle and the one farthest from that.</summary>
    /// <returns>Null where the vectors cannot be told apart.</returns>
    public static TwoMeans? Of(VectorSet vectors, ReadOnlySpan<int> rows)
    {
        var halves = new float[2][] { new float[vectors.Dimensions], new float[vectors.Dimensions] };
        var sums = new double[2][] { new double[vectors.Dimensions], new double[vectors.Dimensions] };
        vectors.Sum(rows, sums[0]);
        var whole = Length(sums[0]);
        if (rows.Length - whole < 1e-6 * rows.Length)
            return null;

        // Vectors that cancel each other out have no middle to be far from.
        if (!UnitVector.TryWrite(sums[0], halves[0]))
            vectors[rows[0]].CopyTo(halves[0]);

        vectors[Farthest(vectors, rows, halves[0])].CopyTo(halves[0]);
        vectors[Farthest(vectors, rows, halves[0])].CopyTo(halves[1]);
        var second = new bool[rows.Length];
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var moved = false;
            for (var i = 0; i < rows.Length; i++)
            {
                var nearer = ExactDot.Of(vectors[rows[i]], halves[1]) > ExactDot.Of(vectors[rows[i]], halves[0]);
                moved |= nearer != second[i];
                second[i] = nearer;
            }

            if (!moved)
                break;

            vectors.Sum(Half(rows, second, false), sums[0]);
            vectors.Sum(Half(rows, second, true), sums[1]);
            if (!UnitVector.TryWrite(sums[0], halves[0]) || !UnitVector.TryWrite(sums[1], halves[1]))
                return null;
        }

        return new TwoMeans(Half(rows, second, false), Half(rows, second, true), ExplainedBy(Length(sums[0]), Length(sums[1]), whole, rows.Length));
    }

    /// <summary>
    /// The spread inside a cluster of unit vectors is their number less the length of their sum; two clusters have less of it than
    /// the one that holds both.
    /// </summary>
    /// <param name="first">Length of the sum of the one's vectors.</param>
    /// <param name="second">Of the other's.</param>
    /// <param name="whole">Of all of them.</param>
    /// <param name="count">How many they are.</param>
    public static double ExplainedBy(double first, double second, double whole, int count)
        => count - whole <= 1e-6 * count ? 0 : (first + second - whole) / (count - whole);

    public static double Length(ReadOnlySpan<double> sum)
    {
        var square = 0d;
        foreach (var value in sum)
            square += value * value;
        return Math.Sqrt(square);
    }

    private static int Farthest(VectorSet vectors, ReadOnlySpan<int> rows, ReadOnlySpan<float> from)
    {
        var (farthest, least) = (rows[0], double.PositiveInfinity);
        foreach (var row in rows)
        {
            var similarity = ExactDot.Of(vectors[row], from);
            if (similarity < least)
                (farthest, least) = (row, similarity);
        }

        return farthest;
    }

    private static int[] Half(ReadOnlySpan<int> rows, bool[] second, bool which)
    {
        var half = new List<int>(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            if (second[i] == which)
                half.Add(rows[i]);
        }

        return [.. half];
    }
}
