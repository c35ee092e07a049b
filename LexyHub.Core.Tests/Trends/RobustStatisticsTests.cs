using CsCheck;
using LexyHub.Core.Trends;

namespace LexyHub.Core.Tests.Trends;

public sealed class RobustStatisticsTests
{
    [Fact]
    public void Median_AnyValues_IsTheMiddleOfTheSorted()
        => Gen.OneOf(Gen.Double[-10, 10], Gen.Int[0, 3].Select(i => (double)i)).Array[1, 200].Sample(values =>
        {
            var sorted = values.Order().ToArray();
            var expected = sorted.Length % 2 == 1
                ? sorted[sorted.Length / 2]
                : sorted[sorted.Length / 2 - 1] + (sorted[sorted.Length / 2] - sorted[sorted.Length / 2 - 1]) / 2;

            Assert.Equal(expected, RobustStatistics.Median(values));
        });

    // Hampel's and Leys et al. (2013)'s worked examples: 1, 3, 3, 6, 8, 10, 10, 1000 has the median 7 and a MAD of
    // 4 × 1.4826 (deviations 6, 4, 4, 1, 1, 3, 3, 993; middle two 3 and 4: 3.5).
    [Theory]
    [InlineData(new double[] { 1, 3, 3, 6, 8, 10, 10, 1000 }, 7, 3.5)]
    [InlineData(new double[] { 1, 1, 2, 2, 4, 6, 9 }, 2, 1)]
    [InlineData(new double[] { 5, 5, 5, 5, 80 }, 5, 0)]
    public void MedianAbsoluteDeviation_KnownValues_AreTheirs(double[] values, double median, double mad)
    {
        Assert.Equal(median, RobustStatistics.Median(values));
        Assert.Equal(mad, RobustStatistics.MedianAbsoluteDeviation(values, median));
    }

    [Fact]
    public void MedianAbsoluteDeviation_NormalSampleTimesFactor_EstimatesTheStandardDeviation()
    {
        var random = new Random(20240229);
        var values = new double[20_001];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = 3 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        }

        Assert.Equal(3, RobustStatistics.MadFactor * RobustStatistics.MedianAbsoluteDeviation(values, 0), 0.1);
    }
}
