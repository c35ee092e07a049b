using System.Buffers;

namespace LexyHub.Core.Trends;

/// <summary>The Theil–Sen line: median of the slopes between all pairs of points; up to 29 % of them may be wild.</summary>
/// <remarks>H. Theil 1950, P. K. Sen 1968 (<c>docs/trends.md</c>). Time and space grow with the square of the points: pass a window.</remarks>
public static class TheilSen
{
    private const int PairsOnStack = 512;

    /// <returns>Change of <paramref name="y"/> per unit of <paramref name="x"/>; 0 where no two points differ in x.</returns>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static double Slope(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"{x.Length} x values and {y.Length} y values do not pair.", nameof(y));
        }

        var pairs = x.Length * (x.Length - 1) / 2;
        if (pairs <= PairsOnStack)
        {
            return Slope(x, y, stackalloc double[pairs]);
        }

        var rented = ArrayPool<double>.Shared.Rent(pairs);
        try
        {
            return Slope(x, y, rented);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    private static double Slope(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> slopes)
    {
        var count = 0;
        for (var i = 1; i < x.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var run = x[i] - x[j];
                if (run != 0)
                {
                    slopes[count++] = (y[i] - y[j]) / run;
                }
            }
        }

        return count == 0 ? 0 : RobustStatistics.Median(slopes[..count]);
    }
}
