namespace LexyHub.Core.Trends;

/// <summary>Order statistics that a minority of wild values cannot move far.</summary>
internal static class RobustStatistics
{
    /// <summary>Makes the median absolute deviation of a normal sample estimate its standard deviation: 1/Φ⁻¹(¾).</summary>
    public const double MadFactor = 1.4826;

    private const int SmallEnoughToSort = 12;

    /// <summary>Median, the mean of the middle two where the count is even. Reorders the values.</summary>
    /// <param name="values">At least one, none NaN.</param>
    public static double Median(Span<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Length);
        var middle = values.Length / 2;
        var upper = Select(values, middle);
        if (values.Length % 2 == 1)
        {
            return upper;
        }

        // After the selection everything before the middle is no greater than it.
        var lower = values[0];
        foreach (var value in values[1..middle])
        {
            lower = Math.Max(lower, value);
        }

        return lower + (upper - lower) / 2;
    }

    /// <summary>Median absolute deviation from the centre, unscaled. Overwrites the values.</summary>
    public static double MedianAbsoluteDeviation(Span<double> values, double centre)
    {
        foreach (ref var value in values)
        {
            value = Math.Abs(value - centre);
        }

        return Median(values);
    }

    // Quickselect in place. Moving each value without asking first costs a write and spares the branch that a processor
    // guesses wrong half of the time; values equal to the pivot get a pass of their own, since scores of whole numbers repeat.
    private static double Select(Span<double> values, int rank)
    {
        while (values.Length > SmallEnoughToSort)
        {
            var pivot = MedianOfThree(values[0], values[values.Length / 2], values[^1]);
            var below = 0;
            for (var i = 0; i < values.Length; i++)
            {
                var value = values[i];
                values[i] = values[below];
                values[below] = value;
                below += value < pivot ? 1 : 0;
            }

            if (rank < below)
            {
                values = values[..below];
                continue;
            }

            values = values[below..];
            rank -= below;
            var equal = 0;
            for (var i = 0; i < values.Length; i++)
            {
                var value = values[i];
                values[i] = values[equal];
                values[equal] = value;
                equal += value <= pivot ? 1 : 0;
            }

            if (rank < equal)
            {
                return pivot;
            }

            values = values[equal..];
            rank -= equal;
        }

        values.Sort();
        return values[rank];
    }

    private static double MedianOfThree(double a, double b, double c)
        => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
