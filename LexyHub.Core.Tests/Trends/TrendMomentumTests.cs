using CsCheck;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Tests.Trends;

public sealed class TrendMomentumTests
{
    private static readonly SourceScale Index = new("google-trends", SignalScale.Index, 100);
    private static readonly SourceScale Unit = new("signals", SignalScale.Unit, 1);
    private static readonly SourceMedians Medians = new(new Dictionary<string, double> { ["google-trends"] = 0.4, ["reddit"] = 0.1 });

    [Fact]
    public void EvaluateSource_AnyHistory_StaysWithinItsRanges()
        => Gen.Select(TrendGenerators.History(0, 80), TrendGenerators.Scale, Gen.Int[-20, 400]).Sample((history, scale, later) =>
        {
            var trend = TrendMomentum.EvaluateSource(history, scale, TrendGenerators.FirstDay.AddDays(later));

            Assert.InRange(trend.Score, 0, 1);
            Assert.InRange(trend.Velocity, -1, 1);
            Assert.InRange(trend.Momentum, 0, 1);
            Assert.InRange(trend.ExpectedGrowth30d, -1, 20);
            Assert.InRange(trend.Evidence, 0, 1);
            Assert.True(trend.StaleDays >= 0);
        });

    [Fact]
    public void EvaluateSource_StraightLine_IsTheFormula()
    {
        // 0.30 to 0.57 in 27 days: 0.07 a week.
        var history = TrendGenerators.Daily([.. Enumerable.Range(0, 28).Select(i => 0.30 + 0.01 * i)]);

        var trend = TrendMomentum.EvaluateSource(history, Unit, history[^1].Day);

        Assert.Equal(0.57, trend.Score, 1e-12);
        Assert.Equal(0.07, trend.Velocity, 1e-12);
        Assert.Equal(0.6 * 0.57 + 0.4 * 0.07, trend.Momentum, 1e-12);
        // Σ 0.9^(i/7), i = 1…30, is 23.962, computed apart from this code.
        Assert.Equal(0.01 * 23.962 / 0.57, trend.ExpectedGrowth30d, 1e-4);
    }

    [Fact]
    public void EvaluateSource_Rising_HasPositiveVelocityAndFallingNegative()
        => Gen.Select(Gen.Int[2, 60], TrendGenerators.Gap, Gen.Double[0.001, 0.5], TrendGenerators.Scale).Sample((count, gap, first, scale) =>
        {
            var step = first / count;
            var values = Enumerable.Range(0, count).Select(i => scale.Reference / 1_000 * (first + step * i)).ToArray();
            var rising = TrendGenerators.Every(gap, values);
            var falling = TrendGenerators.Every(gap, [.. values.Reverse()]);

            Assert.True(TrendMomentum.EvaluateSource(rising, scale, rising[^1].Day).Velocity > 0);
            Assert.True(TrendMomentum.EvaluateSource(falling, scale, falling[^1].Day).Velocity < 0);
            Assert.True(TrendMomentum.EvaluateSource(rising, scale, rising[^1].Day).ExpectedGrowth30d > 0);
            Assert.True(TrendMomentum.EvaluateSource(falling, scale, falling[^1].Day).ExpectedGrowth30d < 0);
        });

    [Fact]
    public void EvaluateSource_ValuesAndReferenceTimesOneFactor_IsTheSame()
        => Gen.Select(
            TrendGenerators.History(1, 60), TrendGenerators.AnyOf(SignalScale.Index, SignalScale.Count, SignalScale.Percent), Gen.Double[1, 1_000], Gen.Int[-8, 8])
            .Sample((history, kind, reference, power) =>
            {
                // A power of two scales without rounding, so the comparison can be exact but for the logarithms.
                var factor = Math.Pow(2, power);
                var scale = new SourceScale("made", kind, reference);
                var today = history[^1].Day;
                var plain = TrendMomentum.EvaluateSource(history, scale, today);
                var scaled = TrendMomentum.EvaluateSource(history.Times(factor), new SourceScale("made", kind, reference * factor), today);

                Assert.Equal(plain.Score, scaled.Score, 1e-12);
                Assert.Equal(plain.Velocity, scaled.Velocity, 1e-12);
                Assert.Equal(plain.ExpectedGrowth30d, scaled.ExpectedGrowth30d, 1e-9);
                Assert.Equal(plain.Surge.IsSurging, scaled.Surge.IsSurging);
            });

    [Fact]
    public void EvaluateSource_OneWildReading_BarelyMovesVelocity()
    {
        var calm = TrendGenerators.Daily([.. Enumerable.Range(0, 28).Select(i => 50.0)]);
        var spiked = calm.ToArray();
        spiked[20] = spiked[20] with { Value = 100 };

        Assert.Equal(0, TrendMomentum.EvaluateSource(calm, Index, calm[^1].Day).Velocity);
        Assert.Equal(0, TrendMomentum.EvaluateSource(spiked, Index, spiked[^1].Day).Velocity);
    }

    [Fact]
    public void EvaluateSource_TwoReadingsADayApart_IsNotStretchedToAWeek()
    {
        var history = TrendGenerators.Daily(0.4, 0.5);

        Assert.Equal(0.1, TrendMomentum.EvaluateSource(history, Unit, history[^1].Day).Velocity, 1e-12);
    }

    [Fact]
    public void EvaluateSource_MissingDays_AreNotZeros()
    {
        Reading[] sparse = [.. TrendGenerators.Daily([.. Enumerable.Repeat(0.5, 28)]).Where((_, i) => i % 3 != 1)];

        var trend = TrendMomentum.EvaluateSource(sparse, Unit, sparse[^1].Day);

        Assert.Equal(0.5, trend.Score);
        Assert.Equal(0, trend.Velocity);
        Assert.False(trend.Surge.IsSurging);
    }

    [Fact]
    public void EvaluateSource_ReadingsOfTheFuture_AreIgnored()
        => Gen.Select(TrendGenerators.History(2, 40), TrendGenerators.Scale, Gen.Int[0, 39]).Sample((history, scale, at) =>
        {
            at %= history.Length;
            Assert.Equal(
                TrendMomentum.EvaluateSource(history.AsSpan(0, at + 1), scale, history[at].Day),
                TrendMomentum.EvaluateSource(history, scale, history[at].Day));
        });

    [Fact]
    public void EvaluateSource_IndexOfASmallTerm_IsMeasuredAgainstItsOwnPeak()
    {
        double[] shape = [.. Enumerable.Range(0, 200).Select(i => 60.0 + i % 7)];
        var alone = TrendGenerators.Every(7, shape);
        var compared = alone.Times(0.3);
        var today = alone[^1].Day;

        var difference = TrendMomentum.EvaluateSource(alone, Index, today).Score - TrendMomentum.EvaluateSource(compared, Index, today).Score;

        // The plain hundredths would be 0.46 apart.
        Assert.InRange(difference, 0, 0.12);
    }

    [Fact]
    public void EvaluateSource_SurgeOfSomethingNegligible_IsNone()
    {
        var history = TrendGenerators.Daily([.. new double[40], 2, 2]);
        var today = history[^1].Day;

        Assert.True(TrendMomentum.EvaluateSource(history, new("synthetic", SignalScale.Count, 4), today).Surge.IsSurging);
        Assert.False(TrendMomentum.EvaluateSource(history, new("synthetic", SignalScale.Count, 4_000), today).Surge.IsSurging);
    }

    [Fact]
    public void EvaluateSource_WeeklySourceSixDaysOld_IsNotStale()
    {
        var history = TrendGenerators.Every(7, 50, 50, 50, 50);
        var last = history[^1].Day;

        Assert.Equal(0, TrendMomentum.EvaluateSource(history, Index, last.AddDays(6)).StaleDays);
        Assert.Equal(0, TrendMomentum.EvaluateSource(history, Index, last.AddDays(7)).StaleDays);
        Assert.Equal(1, TrendMomentum.EvaluateSource(history, Index, last.AddDays(8)).StaleDays);
    }

    [Fact]
    public void EvaluateSeries_EachPoint_IsTheEvaluationOfItsPrefix()
        => Gen.Select(TrendGenerators.History(1, 60), TrendGenerators.Scale, Gen.Int[0, 59]).Sample((history, scale, from) =>
        {
            from %= history.Length;
            var points = new SeriesPoint[history.Length - from];
            TrendMomentum.EvaluateSeries(history, scale, from, points);

            for (var i = from; i < history.Length; i++)
            {
                var trend = TrendMomentum.EvaluateSource(history.AsSpan(0, i + 1), scale, history[i].Day);
                Assert.Equal(new(history[i].Day, trend.Score, trend.Velocity, trend.ExpectedGrowth30d), points[i - from]);
            }
        });

    [Fact]
    public void EvaluateSeries_OutputTooShort_Throws()
        => Assert.Throws<ArgumentException>(
            () => TrendMomentum.EvaluateSeries(TrendGenerators.Daily(1, 2, 3), Index, 0, new SeriesPoint[2]));

    [Fact]
    public void Combine_SourcesInAnyOrder_IsTheSameToTheBit()
        => Gen.Select(TrendGenerators.SourceTrend.Array[0, 8], Gen.Int[0, int.MaxValue - 1]).Sample((sources, seed) =>
        {
            var expected = TrendMomentum.Combine(sources, Medians);
            new Random(seed).Shuffle(sources);
            var shuffled = TrendMomentum.Combine(sources, Medians);

            Assert.Equal(expected with { Contributors = [] }, shuffled with { Contributors = [] });
            Assert.Equal(expected.Contributors, shuffled.Contributors);
            Assert.InRange(expected.Momentum, 0, 1);
            Assert.InRange(expected.Confidence, 0, 1);
            Assert.InRange(expected.ExpectedGrowth30d, -1, 20);
        });

    [Fact]
    public void Combine_DaysPassWithoutReadings_MomentumOnlyFallsAndReachesZero()
        => Gen.Select(TrendGenerators.History(1, 30), TrendGenerators.History(0, 30), TrendGenerators.Scale).Sample((one, other, scale) =>
        {
            var last = new[] { one[^1].Day, other.LastOrDefault().Day }.Max();
            var before = double.MaxValue;
            for (var days = 0; days <= 35 + TrendMomentum.DeadAfterDays; days++)
            {
                SourceTrend[] sources =
                [
                    TrendMomentum.EvaluateSource(one, scale, last.AddDays(days)),
                    TrendMomentum.EvaluateSource(other, Index, last.AddDays(days)),
                ];
                var momentum = TrendMomentum.Combine(sources, Medians).Momentum;
                Assert.InRange(momentum, 0, before);
                before = momentum;
            }

            Assert.Equal(0, before);
        });

    [Fact]
    public void Combine_OneReading_IsPulledTowardsTheSourcesMedian()
    {
        var history = TrendGenerators.Daily(100);
        var trend = TrendMomentum.EvaluateSource(history, Index, history[0].Day);

        // One reading weighs a third, the median (0.4) two.
        Assert.Equal(trend.Momentum / 3 + 0.4 * 2 / 3, TrendMomentum.Combine([trend], Medians).Momentum, 1e-12);
        Assert.Equal(trend.Momentum, TrendMomentum.Combine([trend], SourceMedians.None).Momentum, 1e-12);
    }

    [Fact]
    public void Combine_OneSourceDeadForAYear_LeavesTheOtherAlone()
    {
        var live = TrendGenerators.Every(7, 80, 80, 80, 80);
        var today = live[^1].Day;
        var dead = live.Select(reading => new Reading(reading.Day.AddDays(-365), 5)).ToArray();
        SourceTrend[] both =
        [
            TrendMomentum.EvaluateSource(dead, new("reddit", SignalScale.Count, 100), today),
            TrendMomentum.EvaluateSource(live, Index, today),
        ];

        var trend = TrendMomentum.Combine(both, Medians);

        Assert.Equal(TrendMomentum.Combine([both[1]], Medians).Momentum, trend.Momentum);
        Assert.Equal("google-trends", Assert.Single(trend.Contributors).Source);
    }

    [Fact]
    public void Combine_NoReadings_IsNone()
        => Assert.Same(TermTrend.None, TrendMomentum.Combine([TrendMomentum.EvaluateSource([], Index, TrendGenerators.FirstDay)], Medians));

    [Fact]
    public void Decay_AFullHalfLife_Halves()
    {
        Assert.Equal(1, TrendMomentum.Decay(0));
        Assert.Equal(0.5, TrendMomentum.Decay(TrendMomentum.HalfLifeDays), 1e-12);
        Assert.True(TrendMomentum.Decay(TrendMomentum.DeadAfterDays - 1) < 0.0005);
        Assert.Equal(0, TrendMomentum.Decay(TrendMomentum.DeadAfterDays));
    }

    [Fact]
    public void SourceMediansFrom_Trends_IsTheMedianOfEachSource()
    {
        var medians = SourceMedians.From(
        [
            .. new[] { 0.2, 0.9, 0.4 }.Select(value => TrendMomentum.EvaluateSource(
                TrendGenerators.Daily(value), Unit, TrendGenerators.FirstDay)),
            TrendMomentum.EvaluateSource([], Unit, TrendGenerators.FirstDay),
        ]);

        Assert.Equal(0.6 * 0.4, medians.Of("signals", -1), 1e-12);
        Assert.Equal(-1, medians.Of("reddit", -1));
    }
}
