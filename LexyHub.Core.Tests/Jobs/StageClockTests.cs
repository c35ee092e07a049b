using LexyHub.Core.Jobs;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Jobs;

public sealed class StageClockTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void ToJson_StagesBegunAndBegunAgain_SumsEachInTheOrderOfItsFirstTime()
    {
        var clock = new StageClock(time);
        clock.Begin("reading");
        Pass(100);
        clock.Begin("writing");
        Pass(20);
        clock.Begin("reading");
        Pass(3);

        Assert.Equal("""[{"stage":"reading","durationMs":103},{"stage":"writing","durationMs":20}]""", clock.ToJson().ToJsonString());
    }

    [Fact]
    public void ToJson_OnlyReportsAfterTheWork_GivesTheTimeToTheStageReported()
    {
        var clock = new StageClock(time);
        Pass(40);
        clock.Reported("reading");
        Pass(7);
        clock.Reported("writing");
        clock.Reported("writing");
        Pass(1);

        Assert.Equal("""[{"stage":"reading","durationMs":40},{"stage":"writing","durationMs":8}]""", clock.ToJson().ToJsonString());
    }

    [Fact]
    public void ToJson_TimeBeforeTheFirstStage_IsCalledStarting()
    {
        var clock = new StageClock(time);
        Pass(5);
        clock.Begin("reading");

        Assert.StartsWith("""[{"stage":"starting","durationMs":5},""", clock.ToJson().ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToJson_EndlessNames_StaysShort()
    {
        var clock = new StageClock(time);
        for (var i = 0; i < 1_000; i++)
        {
            clock.Begin($"batch {i}");
            Pass(1);
        }

        Assert.Equal(40, clock.ToJson().Count);
    }

    private void Pass(int milliseconds) => time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
