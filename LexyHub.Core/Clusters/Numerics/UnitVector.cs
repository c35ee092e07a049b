namespace LexyHub.Core.Clusters.Numerics;

/// <summary>Lengths in double, in fixed order: the same bits on every machine, and no overflow.</summary>
internal static class UnitVector
{
    // Below this squared length the quotient of two denormal numbers would decide the direction.
    private const double SmallestSquare = 1e-30;

    /// <param name="scale">What the components must be multiplied by to have unit length.</param>
    public static VectorRejection Scale(ReadOnlySpan<float> vector, out double scale)
    {
        var square = ExactDot.Of(vector, vector);
        scale = 1 / Math.Sqrt(square);
        return !double.IsFinite(square) ? VectorRejection.NotFinite
            : square < SmallestSquare ? VectorRejection.Zero
            : VectorRejection.None;
    }

    /// <summary>Writes the direction of a sum; zeros, and false, where it has none.</summary>
    public static bool TryWrite(ReadOnlySpan<double> sum, Span<float> unit)
    {
        var square = 0d;
        foreach (var value in sum)
            square += value * value;

        if (square < SmallestSquare)
        {
            unit.Clear();
            return false;
        }

        var scale = 1 / Math.Sqrt(square);
        for (var i = 0; i < sum.Length; i++)
            unit[i] = (float)(sum[i] * scale);

        return true;
    }

    /// <summary>Gives the vector unit length; false, and nothing done, where it has no direction.</summary>
    public static bool Normalize(Span<float> vector)
    {
        if (Scale(vector, out var scale) != VectorRejection.None)
            return false;

        foreach (ref var value in vector)
            value = (float)(value * scale);

        return true;
    }
}
