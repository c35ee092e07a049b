using System.Globalization;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Tests.Trends;

public sealed class PartialPeriodsTests
{
    [Theory]
    [InlineData("2023-04-16", PeriodStamp.Start, 7, "2023-04-22", 0)]
    [InlineData("2023-04-16", PeriodStamp.Start, 7, "2023-04-23", 1)]
    [InlineData("2023-04-22", PeriodStamp.End, 7, "2023-04-22", 0)]
    [InlineData("2023-04-22", PeriodStamp.End, 7, "2023-04-23", 1)]
    [InlineData("2024-02-01", PeriodStamp.Start, 30, "2024-02-29", 0)]
    [InlineData("2024-02-01", PeriodStamp.Start, 30, "2024-03-01", 1)]
    [InlineData("2024-02-01", PeriodStamp.Start, 1, "2024-02-01", 0)]
    public void WithoutUnfinished_LastPeriod_IsKeptOnceItIsOver(string day, PeriodStamp stamp, int days, string today, int kept)
        => Assert.Equal(kept, PartialPeriods.WithoutUnfinished(
            [new(Day(day), 50)], stamp, days, Day(today)).Length);

    [Fact]
    public void WithoutUnfinished_PartialRow_ChangesNothing()
    {
        var scale = new SourceScale("google-trends", SignalScale.Index, 100);
        var whole = TrendGenerators.Every(7, [.. Enumerable.Range(0, 30).Select(i => 40.0 + i % 3)]);
        var today = whole[^1].Day.AddDays(9);
        Reading[] withPartial = [.. whole, new(whole[^1].Day.AddDays(7), 3)];

        var kept = PartialPeriods.WithoutUnfinished(withPartial, PeriodStamp.Start, 7, today);

        Assert.Equal(TrendMomentum.EvaluateSource(whole, scale, today), TrendMomentum.EvaluateSource(kept, scale, today));
        Assert.NotEqual(TrendMomentum.EvaluateSource(whole, scale, today), TrendMomentum.EvaluateSource(withPartial, scale, today));
    }

    private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
