using CsCheck;
using LexyHub.Core.Trends;

namespace LexyHub.Core.Tests.Trends;

public sealed class SurgeDetectorTests
{
    [Fact]
    public void DetectSeries_EachResult_IsTheDetectionOfItsPrefix()
        => TrendGenerators.History(1, 120).Sample(history =>
        {
            var results = Series(history);
            for (var i = 0; i < history.Length; i++)
            {
                Assert.Equal(SurgeDetector.Detect(history.AsSpan(0, i + 1)), results[i]);
            }
        });

    [Fact]
    public void DetectSeries_ValuesTimesOneFactor_RaisesTheSameAlarms()
        => Gen.Select(TrendGenerators.History(1, 120), Gen.Int[-8, 8]).Sample((history, power) => Assert.Equal(
            Series(history).Select(result => (result.IsSurging, result.IsOnset, result.Kind)),
            Series(history.Times(Math.Pow(2, power))).Select(result => (result.IsSurging, result.IsOnset, result.Kind))));

    [Fact]
    public void DetectSeries_AnyHistory_IsFinite()
        => TrendGenerators.History(0, 120).Sample(history => Assert.All(Series(history), result =>
        {
            Assert.True(double.IsFinite(result.Z));
            Assert.True(double.IsFinite(result.Ratio));
        }));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    public void DetectSeries_LevelTriples_RaisesOneAlarmAtTheFirstReading(int cadence)
    {
        var results = Series(TrendGenerators.Every(cadence, [.. Noise(80, 100), .. Noise(80, 300)]));

        Assert.Equal([80], Onsets(results));
        Assert.Equal(SurgeKind.New, results[80].Kind);
        Assert.False(results[^1].IsSurging);
    }

    [Fact]
    public void DetectSeries_SameValueForever_IsNeverASurge()
        => Gen.Select(Gen.Double[0, 1_000], TrendGenerators.Gap, Gen.Int[1, 120]).Sample((value, gap, count) =>
            Assert.All(Series(TrendGenerators.Every(gap, [.. Enumerable.Repeat(value, count)])), result => Assert.False(result.IsSurging)));

    [Fact]
    public void DetectSeries_WeekendsDouble_AreUsualAfterTheFirstWeeks()
    {
        var history = TrendGenerators.Daily([.. Noise(365, 100)])
            .Select(reading => reading.Day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? reading with { Value = 2 * reading.Value } : reading)
            .ToArray();

        Assert.All(Series(history)[28..], result => Assert.False(result.IsSurging));
    }

    [Fact]
    public void DetectSeries_OneLoneReadingAmongZeros_IsNoSurgeButTwoAre()
    {
        double[] zeros = new double[40];

        Assert.Empty(Onsets(Series(TrendGenerators.Daily([.. zeros, 9, 0, 0]))));
        Assert.Equal([41], Onsets(Series(TrendGenerators.Daily([.. zeros, 9, 9, 0, 0]))));
    }

    [Fact]
    public void DetectSeries_SmallWholeNumbers_NeedMoreThanAStepOfTheScale()
        => Assert.Empty(Onsets(Series(TrendGenerators.Every(7, [.. Enumerable.Range(0, 104).Select(i => i % 5 == 0 ? 6.0 : 5.0), 7, 7, 7]))));

    [Fact]
    public void DetectSeries_EveryDecember_IsSeasonalOnceTwoYearsAreKnown()
    {
        var noise = Noise(72, 100);
        Reading[] history = [.. noise.Select((value, i) => new Reading(
            new DateOnly(2015, 1, 1).AddMonths(i), i % 12 == 11 ? 1.6 * value : value))];

        var results = Series(history);

        Assert.All([35, 47, 59, 71], december => Assert.Equal(SurgeKind.Seasonal, results[december].Kind));
        Assert.All(Enumerable.Range(12, 60).Where(i => i % 12 != 11), month => Assert.False(results[month].IsOnset));
    }

    [Fact]
    public void Detect_TooFewReadings_SaysNothing()
        => Assert.Equal(SurgeResult.None, SurgeDetector.Detect(TrendGenerators.Daily(1, 1, 500)));

    private static SurgeResult[] Series(Reading[] history)
    {
        var results = new SurgeResult[history.Length];
        SurgeDetector.DetectSeries(history, results);
        return results;
    }

    private static int[] Onsets(SurgeResult[] results)
        => [.. results.Index().Where(entry => entry.Item.IsOnset).Select(entry => entry.Index)];

    // Ten per cent up and down, the same on every run.
    private static double[] Noise(int count, double level)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => level * (0.9 + 0.2 * random.NextDouble()))];
    }
}
