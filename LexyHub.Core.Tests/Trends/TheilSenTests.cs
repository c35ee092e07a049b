using CsCheck;
using LexyHub.Core.Trends;

namespace LexyHub.Core.Tests.Trends;

public sealed class TheilSenTests
{
    private static readonly Gen<(double X, double Y)[]> Points = Gen.Select(
        Gen.Int[0, 60].Select(day => (double)day), Gen.Double[-1, 1]).Array[0, 60];

    [Fact]
    public void Slope_AnyPoints_IsTheMedianOfAllPairs()
        => Points.Sample(points =>
        {
            var slopes = (from a in points
                          from b in points
                          where a.X < b.X
                          select (b.Y - a.Y) / (b.X - a.X)).Order().ToArray();
            var expected = slopes.Length == 0 ? 0 : (slopes[(slopes.Length - 1) / 2] + slopes[slopes.Length / 2]) / 2;

            Assert.Equal(expected, Slope(points), 1e-12);
        });

    // Rank-based slope of Sen's own example (J. Am. Stat. Assoc. 63, 1968, section 6, from Graybill): 
    // t = 1, 2, 3, 4, 10, 12, 18 and y = 9, 15, 19, 20, 45, 55, 78 give b = 4.
    [Fact]
    public void Slope_SensExample_IsFour()
        => Assert.Equal(4, TheilSen.Slope([1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78]), 1e-12);

    [Fact]
    public void Slope_TwentyNinePercentWild_StaysWithinTheSoundSlopes()
        => Gen.Select(Gen.Int[14, 60], Gen.Double[-5, 5], Gen.Double[-1_000, 1_000].Array[18], Gen.Int[0, int.MaxValue - 1]).Sample(
            (count, slope, wild, seed) =>
            {
                var points = Enumerable.Range(0, count).Select(i => (X: (double)i, Y: slope * i)).ToArray();
                var victims = Enumerable.Range(0, count).ToArray();
                new Random(seed).Shuffle(victims);
                for (var i = 0; i < (int)(0.29 * count); i++)
                {
                    points[victims[i]].Y += wild[i];
                }

                Assert.Equal(slope, Slope(points), 1e-9);
            });

    [Fact]
    public void Slope_PointsInAnyOrder_IsTheSame()
        => Gen.Select(Points, Gen.Int[0, int.MaxValue - 1]).Sample((points, seed) =>
        {
            var expected = Slope(points);
            new Random(seed).Shuffle(points);
            Assert.Equal(expected, Slope(points));
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Slope_TooFewPoints_IsZero(int count) => Assert.Equal(0, TheilSen.Slope(new double[count], new double[count]));

    [Fact]
    public void Slope_DifferentLengths_Throws()
        => Assert.Throws<ArgumentException>(() => TheilSen.Slope([1, 2], [1]));

    private static double Slope((double X, double Y)[] points)
        => TheilSen.Slope([.. points.Select(p => p.X)], [.. points.Select(p => p.Y)]);
}
