using System.Net;
using LexyHub.Core.Providers;

namespace LexyHub.Core.Tests.Providers;

public sealed class RateBudgetTests
{
    private static readonly DateTimeOffset s_start = new(2026, 4, 15, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1000", "400", "20ms", 20)]
    [InlineData("1000", "400", "1m3s", 63_000)]
    [InlineData("1000", "400", "51", 51_000)]
    [InlineData(null, "119968", null, null)]
    public void Read_EitherDialect_IsUnderstood(string? limit, string remaining, string? reset, int? milliseconds)
    {
        var reading = RateReading.Read(Answer(limit, remaining, reset), "tokens", s_start);

        Assert.NotNull(reading);
        Assert.Equal(limit is null ? null : 1_000d, reading.Value.Limit);
        Assert.Equal(milliseconds is { } time ? TimeSpan.FromMilliseconds(time) : null, reading.Value.Reset);
    }

    [Theory]
    [InlineData("-1", "-1", "0")]
    [InlineData("0", "0", "0")]
    [InlineData(null, "0", null)]
    [InlineData("1000", null, "1s")]
    [InlineData("1000", "many", "1s")]
    public void Read_ValuesThatMeanNothing_SaysNothing(string? limit, string? remaining, string? reset)
        => Assert.Null(RateReading.Read(Answer(limit, remaining, reset), "tokens", s_start));

    [Fact]
    public void WaitFor_NothingKnown_DoesNotWait() => Assert.Equal(TimeSpan.Zero, new RateBudget().WaitFor(1e9, 0, s_start));

    [Fact]
    public void WaitFor_Window_WaitsForItsEndAndThenHasItAll()
    {
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 100, 30), 1, 0, 0, s_start);
        budget.Spend(60);

        Assert.Equal(TimeSpan.Zero, budget.WaitFor(40, 0, s_start));
        Assert.Equal(TimeSpan.FromSeconds(30), budget.WaitFor(41, 0, s_start));
        Assert.Equal(TimeSpan.FromSeconds(10), budget.WaitFor(1_000, 0, s_start.AddSeconds(20)));
        Assert.Equal(TimeSpan.Zero, budget.WaitFor(1_000, 0, s_start.AddSeconds(30)));
        budget.Spend(1_000);

        Assert.Null(budget.WaitFor(1, 0, s_start.AddSeconds(31)));
    }

    [Fact]
    public void WaitFor_WindowThatIsOver_TakesOffWhatMayHaveComeIntoTheNext()
    {
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 0, 30), 1, 0, 0, s_start);

        Assert.Null(budget.WaitFor(500, 600, s_start.AddSeconds(30)));
        Assert.Equal(TimeSpan.Zero, budget.WaitFor(400, 600, s_start.AddSeconds(30)));
    }

    [Fact]
    public void WaitFor_BucketOnceRecognised_WaitsOnlyForWhatIsMissing()
    {
        // 1,000 a minute; the more is used, the later it is full again.
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 900, 6), 1, 0, 0, s_start);
        budget.Observe(Reading(1_000, 100, 54), 2, 0, 0, s_start.AddSeconds(1));

        Assert.Equal(6, budget.WaitFor(200, 0, s_start.AddSeconds(1))!.Value.TotalSeconds, 3);
        Assert.Equal(TimeSpan.Zero, budget.WaitFor(200, 0, s_start.AddSeconds(7.001)));
    }

    [Fact]
    public void WaitFor_WindowOnceRecognised_IsTakenForNoBucket()
    {
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 900, 50), 1, 0, 0, s_start);
        budget.Observe(Reading(1_000, 100, 49), 2, 0, 0, s_start.AddSeconds(1));

        Assert.Equal(TimeSpan.FromSeconds(49), budget.WaitFor(200, 0, s_start.AddSeconds(1)));
    }

    [Fact]
    public void Observe_AnswersThatOvertakeEachOther_BelievesTheOneThatWasCountedLast()
    {
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 600, 30), 2, underWay: 100, cost: 300, s_start);
        budget.Observe(Reading(1_000, 500, 30), 1, underWay: 0, cost: 100, s_start);

        Assert.Equal(TimeSpan.Zero, budget.WaitFor(500, 0, s_start));
        Assert.NotEqual(TimeSpan.Zero, budget.WaitFor(501, 0, s_start));
    }

    [Fact]
    public void Observe_OlderAnswerThatWasCountedBefore_GivesBackWhatWasTakenOffTwice()
    {
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 600, 30), 2, underWay: 100, cost: 300, s_start);
        Assert.NotEqual(TimeSpan.Zero, budget.WaitFor(501, 0, s_start));

        budget.Observe(Reading(1_000, 900, 30), 1, underWay: 0, cost: 100, s_start);

        Assert.Equal(TimeSpan.Zero, budget.WaitFor(600, 0, s_start));
        Assert.NotEqual(TimeSpan.Zero, budget.WaitFor(601, 0, s_start));
    }

    [Fact]
    public void Observe_LaterRequestThatOvertookAnother_DoesNotHideIt()
    {
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 900, 31), 1, underWay: 0, cost: 100, s_start);
        budget.Observe(Reading(1_000, 500, 30), 2, underWay: 300, cost: 100, s_start);
        budget.Observe(Reading(1_000, 600, 30), 3, underWay: 0, cost: 300, s_start);

        Assert.Equal(TimeSpan.Zero, budget.WaitFor(500, 0, s_start));
        Assert.NotEqual(TimeSpan.Zero, budget.WaitFor(501, 0, s_start));
    }

    [Fact]
    public void Observe_OlderAnswerOfTheWindowBefore_ChangesNothing()
    {
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 900, 60), 2, underWay: 0, cost: 100, s_start);
        budget.Observe(Reading(1_000, 10, 1), 1, underWay: 0, cost: 0, s_start);

        Assert.Equal(TimeSpan.Zero, budget.WaitFor(900, 0, s_start));
    }

    [Fact]
    public void Observe_OthersUnderWay_AreTakenOff()
    {
        var budget = new RateBudget();
        budget.Observe(Reading(1_000, 900, 30), 1, underWay: 500, cost: 100, s_start);

        Assert.Equal(TimeSpan.Zero, budget.WaitFor(400, 0, s_start));
        Assert.NotEqual(TimeSpan.Zero, budget.WaitFor(401, 0, s_start));
    }

    private static RateReading Reading(double limit, double remaining, double seconds) => new(limit, remaining, TimeSpan.FromSeconds(seconds));

    private static HttpResponseMessage Answer(string? limit, string? remaining, string? reset)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK);
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("limit", limit), ("remaining", remaining), ("reset", reset)])
        {
            if (value is not null)
                response.Headers.Add($"x-ratelimit-{name}-tokens", value);
        }

        return response;
    }
}
