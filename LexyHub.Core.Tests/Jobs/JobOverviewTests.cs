using LexyHub.Core.Jobs;

namespace LexyHub.Core.Tests.Jobs;

public sealed class JobOverviewTests
{
    private static readonly JobDefinition Hourly = new("hourly", "0 5 * * * *", "");
    private static readonly DateTimeOffset Now = new(2026, 3, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void StateOf_NeverRun_IsIdle() => Assert.Equal(JobState.Idle, new JobOverview([], null, null, null).StateOf(Hourly, Now));

    [Theory]
    [InlineData(119, JobState.Healthy)]
    [InlineData(120, JobState.Late)]
    public void StateOf_NoSuccessWithinTwiceTheCadence_IsLate(int minutesAgo, JobState expected)
    {
        var success = Now.AddMinutes(-minutesAgo);

        Assert.Equal(expected, Overview([Run(RunStatus.Succeeded, success)], success).StateOf(Hourly, Now));
        Assert.Equal(expected, Overview([Run(RunStatus.Partial, success)], success).StateOf(Hourly, Now));
    }

    [Fact]
    public void StateOf_OnlySkippedForLong_IsLateFromItsFirstRunOn()
        => Assert.Equal(JobState.Late, Overview([Run(RunStatus.Skipped, Now.AddMinutes(-1))], success: null, first: Now.AddHours(-3)).StateOf(Hourly, Now));

    [Theory]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Abandoned)]
    [InlineData(RunStatus.Running)]
    public void StateOf_LastRunFailedOrDied_IsFailingThoughASkippedOneFollowed(string status)
    {
        var runs = new[] { Run(RunStatus.Skipped, Now.AddMinutes(-1)), Run(status, Now.AddMinutes(-10)), Run(RunStatus.Succeeded, Now.AddHours(-1)) };

        Assert.Equal(JobState.Failing, Overview(runs, Now.AddHours(-1)).StateOf(Hourly, Now));
    }

    [Fact]
    public void StateOf_ARunHoldsTheLease_IsRunningWhateverWentBefore()
        => Assert.Equal(
            JobState.Running,
            (Overview([Run(RunStatus.Running, Now), Run(RunStatus.Failed, Now.AddHours(-9))], Now.AddDays(-1)) with { LiveRunId = Guid.NewGuid() }).StateOf(Hourly, Now));

    [Theory]
    [InlineData("0 5 * * * *", 1)]
    [InlineData("0 15 */6 * * *", 6)]
    [InlineData("0 30 1 * * *", 24)]
    public void CadenceAt_Schedule_IsTheTimeBetweenTwoRuns(string schedule, int hours)
        => Assert.Equal(TimeSpan.FromHours(hours), new JobDefinition("job", schedule, "").CadenceAt(Now));

    private static JobOverview Overview(JobRun[] runs, DateTimeOffset? success, DateTimeOffset? first = null)
        => new(runs, success, first ?? runs[^1].StartedAt, null);

    private static JobRun Run(string status, DateTimeOffset at) => new(Guid.NewGuid(), "hourly", status, at, at, 0, 0, null, "{}", null, null);
}
