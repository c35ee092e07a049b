using LexyHub.Core.Jobs;

namespace LexyHub.Core.Tests.Jobs;

public sealed class JobDefinitionTests
{
    private static readonly JobDefinition Trends = JobCatalog.Find(JobCatalog.TrendAggregation)!;

    [Theory]
    [InlineData("2026-03-01T00:00:00Z", "2026-03-01T00:15:00Z")]
    [InlineData("2026-03-01T00:15:00Z", "2026-03-01T06:15:00Z")]
    [InlineData("2026-03-01T19:00:00Z", "2026-03-02T00:15:00Z")]
    public void NextDue_AnyInstant_IsTheNextQuarterPastOfSixHours(string instant, string expected)
        => Assert.Equal(DateTimeOffset.Parse(expected, null), Trends.NextDue(DateTimeOffset.Parse(instant, null)));

    [Theory]
    [InlineData("2026-03-01T00:14:59Z", "2026-02-28T18:15:00Z")]
    [InlineData("2026-03-01T00:15:00Z", "2026-03-01T00:15:00Z")]
    [InlineData("2026-03-01T13:00:00+02:00", "2026-03-01T06:15:00Z")]
    public void LastDue_AnyInstant_IsTheLatestAtOrBefore(string instant, string expected)
        => Assert.Equal(DateTimeOffset.Parse(expected, null), Trends.LastDue(DateTimeOffset.Parse(instant, null)));

    [Fact]
    public void LastDue_DailyJob_LooksBackFarEnough()
        => Assert.Equal(
            DateTimeOffset.Parse("2026-02-28T01:30:00Z", null),
            new JobDefinition("daily", "0 30 1 * * *", "").LastDue(DateTimeOffset.Parse("2026-03-01T01:29:00Z", null)));
}
