namespace LexyHub.Core.Trends;

/// <summary>Order statistics that a minority of wild values cannot move far.</summary>
internal static class RobustStatistics
{
    /// <summary>Makes the median absolute deviation of a normal sample estimate its standard deviation: 1/Φ⁻¹(¾).</summary>
    public const double MadFactor = 1.4826;

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

    // Hoare's quickselect: linear on average, in place, nothing allocated.
    private static double Select(Span<double> values, int rank)
    {
        var left = 0;
        var right = values.Length - 1;
        while (left < right)
        {
            if (right - left < 12)
            {
                values[left..(right + 1)].Sort();
                break;
            }

            var pivot = MedianOfThree(values[left], values[(left + right) >>> 1], values[right]);
            var low = left;
            var high = right;
            while (low <= high)
            {
                while (values[low] < pivot)
                {
                    low++;
                }

                while (values[high] > pivot)
                {
                    high--;
                }

                if (low <= high)
                {
                    (values[low], values[high]) = (values[high], values[low]);
                    low++;
                    high--;
                }
            }

            if (rank <= high)
            {
                right = high;
            }
            else if (rank >= low)
            {
                left = low;
            }
            else
            {
                break;
            }
        }

        return values[rank];
    }

    private static double MedianOfThree(double a, double b, double c)
        => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
