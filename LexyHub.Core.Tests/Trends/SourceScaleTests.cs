using CsCheck;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Tests.Trends;

public sealed class SourceScaleTests
{
    [Fact]
    public void Score_AnyScale_IsMonotoneWithinZeroAndOne()
        => Gen.Select(TrendGenerators.Scale, Gen.Double, Gen.Double).Sample((scale, a, b) =>
        {
            var low = scale.Score(Math.Min(a, b));
            var high = scale.Score(Math.Max(a, b));

            Assert.InRange(low, 0, high);
            Assert.InRange(high, low, 1);
        });

    [Fact]
    public void Score_ValueAndReferenceTimesOneFactor_IsTheSame()
        => Gen.Select(
            TrendGenerators.AnyOf(SignalScale.Index, SignalScale.Count, SignalScale.Percent), Gen.Double[0, 1_000], Gen.Double[1, 1_000], Gen.Int[-8, 8])
            .Sample((kind, value, reference, power) =>
            {
                var factor = Math.Pow(2, power);
                Assert.Equal(
                    new SourceScale("made", kind, reference).Score(value),
                    new SourceScale("made", kind, reference * factor).Score(value * factor));
            });

    [Theory]
    [InlineData(SignalScale.Unit, 1, 0.25, 0.25)]
    [InlineData(SignalScale.Index, 100, 40, 0.4)]
    [InlineData(SignalScale.Index, 100, 140, 1)]
    [InlineData(SignalScale.Count, 1_000, 1_000, 1)]
    [InlineData(SignalScale.Count, 1_000, 100, 0.5188)]
    [InlineData(SignalScale.Count, 1_000, 10, 0.1494)]
    [InlineData(SignalScale.Percent, 100, -50, 0)]
    [InlineData(SignalScale.Percent, 100, 100, 0.5)]
    [InlineData(SignalScale.Percent, 100, 400, 0.8)]
    [InlineData(SignalScale.Percent, 100, 10_001, 0.9901)]
    [InlineData(SignalScale.Count, 10, double.NaN, 0)]
    [InlineData(SignalScale.Percent, 100, double.PositiveInfinity, 1)]
    public void Score_KnownValues_AreTheFormulas(SignalScale kind, double reference, double value, double expected)
        => Assert.Equal(expected, new SourceScale("made", kind, reference).Score(value), 1e-4);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Constructor_SenselessReference_Throws(double reference)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new SourceScale("made", SignalScale.Count, reference));
}
