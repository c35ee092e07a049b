using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Jobs;

[Collection(NativePostgresCollection.Name)]
public sealed class JobRunnerTests(NativePostgres postgres)
{
    private static readonly RunRequest WithKey = new(JobCatalog.TrendAggregation, RunTrigger.Http) { IdempotencyKey = "nightly-1" };

    private static readonly JobOutcome SomeWork = new()
    {
        Processed = 3,
        Tokens = 5,
        Counts = new JsonObject { ["keywordsUpdated"] = 2 },
    };

    [Fact]
    public async Task HandleAsync_HostStopsBeforeTheRunBegan_Answers503()
    {
        await using var host = JobHost.Create(
            await postgres.CreateDatabaseAsync(), new Dictionary<string, string?> { [ServiceTokens.SettingName] = "token" });
        await host.MigrateAsync();
        var endpoint = host.Services.GetRequiredService<JobEndpoint>();

        var response = await endpoint.HandleAsync(
            new ApiRequest("POST", "jobs/" + JobCatalog.TrendAggregation) { Authorization = "Bearer token" }, new CancellationToken(canceled: true));

        Assert.Equal((503, "shutting-down"), (response.StatusCode, (string?)JsonNode.Parse(response.Body.Span)!["code"]));
    }

    [Fact]
    public async Task RunAsync_Finished_AnswersAndRecordsTheSame()
    {
        await using var host = await HostAsync((_, _) => Task.FromResult(SomeWork));

        var answer = await host.RunAsync();

        Assert.Equal(200, answer.StatusCode);
        Assert.Equal(
            ["job", "runId", "status", "processed", "failed", "remaining", "durationMs", "keywordsUpdated"], answer.Body.Select(property => property.Key));
        var run = await host.Services.GetRequiredService<JobRunStore>().FindAsync(answer.RunId!.Value, CancellationToken.None);
        Assert.Equal((RunStatus.Succeeded, 3L, 5L, 200), (run!.Status, run.Processed, run.Tokens, run.StatusCode));
        Assert.True(JsonNode.DeepEquals(answer.Body, JsonNode.Parse(run.Answer!)));
        Assert.NotNull(run.FinishedAt);
        Assert.Equal(1, (long)JsonNode.Parse(run.Metadata)!["epoch"]!);
        Assert.Equal("cli", (string?)JsonNode.Parse(run.Metadata)!["trigger"]);
    }

    [Fact]
    public async Task RunAsync_BudgetUsedUp_IsPartialWithWhatRemains()
    {
        var time = new FakeTimeProvider();
        await using var host = await HostAsync(
            async (context, token) =>
            {
                long done = 0;
                while (context.StopRequested is null)
                {
                    await using var transaction = await context.BeginWriteAsync(token);
                    await transaction.CommitAsync(new JobProgress("batch", ++done, 0, 10 - done), token);
                    time.Advance(TimeSpan.FromSeconds(200));
                }

                return new JobOutcome { Processed = done, Remaining = 10 - done, Stopped = context.StopRequested };
            },
            time);

        var answer = await host.RunAsync(new RunRequest(JobCatalog.TrendAggregation, RunTrigger.Http));

        Assert.Equal((200, RunStatus.Partial), (answer.StatusCode, answer.Status));
        Assert.Equal(("time", 1L, 9L), ((string)answer.Body["stopReason"]!, (long)answer.Body["processed"]!, (long)answer.Body["remaining"]!));
    }

    [Fact]
    public async Task RunAsync_BudgetEndsInAWait_KeepsWhatWasCommitted()
    {
        var time = new FakeTimeProvider();
        await using var host = await HostAsync(
            async (context, token) =>
            {
                await using (var transaction = await context.BeginWriteAsync(token))
                {
                    await transaction.CommitAsync(new JobProgress("batch", 4, 0, 6), token);
                }

                var wait = Task.Delay(Timeout.InfiniteTimeSpan, context.BudgetToken);
                time.Advance(TimeSpan.FromSeconds(200));
                await wait;
                return new JobOutcome();
            },
            time);

        var answer = await host.RunAsync(new RunRequest(JobCatalog.TrendAggregation, RunTrigger.Http));

        Assert.Equal(("partial", "time", 4L, 6L), (answer.Status, (string)answer.Body["stopReason"]!, (long)answer.Body["processed"]!, (long)answer.Body["remaining"]!));
    }

    [Fact]
    public async Task RunAsync_Shutdown_IsPartial()
    {
        using var stopping = new CancellationTokenSource();
        await using var host = await HostAsync(async (context, _) =>
        {
            await stopping.CancelAsync();
            return new JobOutcome { Processed = 1, Remaining = 1, Stopped = context.StopRequested };
        });

        var answer = await host.RunAsync(stopping: stopping.Token);

        Assert.Equal("shutdown", (string?)answer.Body["stopReason"]);
        Assert.Equal(RunStatus.Partial, await host.QueryAsync<string>("select status from job_runs"));
    }

    [Fact]
    public async Task StopAsync_RunUnderWay_EndsPartialBeforeTheHostIsGone()
    {
        var started = new TaskCompletionSource();
        await using var host = await HostAsync(async (context, _) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.BudgetToken);
            return new JobOutcome();
        });
        var run = host.RunAsync();
        await started.Task;

        foreach (var service in host.Services.GetServices<IHostedService>())
        {
            await service.StopAsync(CancellationToken.None);
        }

        Assert.Equal("partial", await host.QueryAsync<string>("select status from job_runs"));
        Assert.Equal("shutdown", (string?)(await run).Body["stopReason"]);
        Assert.Equal((503, "shutting-down"), (await host.RunAsync() is var late ? (late.StatusCode, (string?)late.Body["code"]) : default));
    }

    [Fact]
    public async Task RunAsync_SomeItemsFailed_IsPartialAndNamesTenOfThem()
    {
        var errors = Enumerable.Range(1, 12).Select(i => new ItemError($"item {i}", "refused")).ToList();
        await using var host = await HostAsync((_, _) => Task.FromResult(new JobOutcome { Processed = 1, Failed = 12, Errors = errors }));

        var answer = await host.RunAsync();

        Assert.Equal((200, "failed-items", 10), (answer.StatusCode, (string?)answer.Body["stopReason"], answer.Body["errors"]!.AsArray().Count));
    }

    [Fact]
    public async Task RunAsync_EveryItemFailed_IsAFailedRun()
    {
        await using var host = await HostAsync((_, _) => Task.FromResult(new JobOutcome { Failed = 2, Errors = [new ItemError("a", "refused")] }));

        var answer = await host.RunAsync();

        Assert.Equal((502, "all-items-failed"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Equal(RunStatus.Failed, await host.QueryAsync<string>("select status from job_runs"));
    }

    [Fact]
    public async Task RunAsync_JobThrows_IsRecordedWithoutTheExceptionsText()
    {
        await using var host = await HostAsync((_, _) => throw new InvalidOperationException("Password=hunter2"));

        var answer = await host.RunAsync();

        Assert.Equal((500, "internal-error"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.DoesNotContain("hunter2", answer.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", await host.QueryAsync<string>("select job_runs::text || a::text from job_runs, lexyhub_jobs.run_answers a"), StringComparison.Ordinal);
        Assert.True(await host.QueryAsync<bool>("select run_id is null from lexyhub_jobs.job_leases"));
    }

    [Fact]
    public async Task RunAsync_SkippedByTheJob_Answers202()
    {
        await using var host = await HostAsync((_, _) => Task.FromResult(new JobOutcome { Skipped = true, Message = "Set the keys." }));

        var answer = await host.RunAsync();

        Assert.Equal((202, "skipped", "Set the keys."), (answer.StatusCode, (string?)answer.Body["status"], (string?)answer.Body["message"]));
    }

    [Fact]
    public async Task RunAsync_SameKeyAgain_AnswersWithTheStoredBodyAndRunsOnce()
    {
        var runs = 0;
        await using var host = await HostAsync((_, _) => Task.FromResult(SomeWork with { Processed = ++runs }));

        var first = await host.RunAsync(WithKey);
        var second = await host.RunAsync(WithKey);

        Assert.Equal(1, runs);
        Assert.Equal(first.StatusCode, second.StatusCode);
        Assert.Equal(first.Body.ToJsonString(), second.Body.ToJsonString());
    }

    [Fact]
    public async Task RunAsync_SameKeyWhileRunning_Answers202WithItsId()
    {
        var finish = new TaskCompletionSource();
        var started = new TaskCompletionSource<Guid>();
        await using var host = await HostAsync(async (context, _) =>
        {
            started.SetResult(context.RunId);
            await finish.Task;
            return SomeWork;
        });

        var running = host.RunAsync(WithKey);
        var runId = await started.Task;
        var again = await host.RunAsync(WithKey);
        finish.SetResult();
        await running;

        Assert.Equal((202, RunStatus.AlreadyRunning, (Guid?)runId), (again.StatusCode, again.Status, again.RunId));
    }

    [Theory]
    [InlineData("update lexyhub_jobs.run_answers set status_code = 503", 2)]
    [InlineData("update lexyhub_jobs.run_answers set status_code = null, body = null; update job_runs set status = 'abandoned'", 2)]
    [InlineData("update lexyhub_jobs.run_answers set created_at = clock_timestamp() - interval '25 hours'", 2)]
    [InlineData("update lexyhub_jobs.run_answers set created_at = clock_timestamp() - interval '23 hours'", 1)]
    public async Task RunAsync_SameKeyAfterFailureOrADay_RunsAgain(string whatHappened, int expectedRuns)
    {
        var runs = 0;
        await using var host = await HostAsync((_, _) => Task.FromResult(SomeWork with { Processed = ++runs }));
        await host.RunAsync(WithKey);
        await host.ExecuteAsync(whatHappened);

        var again = await host.RunAsync(WithKey);

        Assert.Equal(200, again.StatusCode);
        Assert.Equal(expectedRuns, runs);
    }

    [Fact]
    public async Task RunAsync_FiftyTimesTheSameKeyAtOnce_RunsOnce()
    {
        var runs = 0;
        await using var host = await HostAsync((_, _) => Task.FromResult(SomeWork with { Processed = Interlocked.Increment(ref runs) }));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => host.RunAsync(WithKey))));

        Assert.Equal(1, runs);
        Assert.Single(answers.Select(answer => answer.RunId).Distinct());
    }

    [Fact]
    public async Task TimerRunAsync_RunFailed_ThrowsSoThatTheHostShowsIt()
    {
        await using var host = await HostAsync((_, _) => throw new JobException("provider-not-configured", 500, "Set a key."));

        var failure = await Assert.ThrowsAsync<JobException>(
            () => host.Services.GetRequiredService<JobTimer>().RunAsync(JobCatalog.TrendAggregation, isPastDue: false, default, CancellationToken.None));

        Assert.Equal(("provider-not-configured", "Set a key."), (failure.Code, failure.Message));
    }

    [Fact]
    public async Task TimerRunAsync_MissedScheduleAndALaterRunSucceeded_IsDropped()
    {
        var runs = 0;
        await using var host = await HostAsync((_, _) => Task.FromResult(SomeWork with { Processed = ++runs }));
        var timer = host.Services.GetRequiredService<JobTimer>();

        await timer.RunAsync(JobCatalog.TrendAggregation, isPastDue: true, default, CancellationToken.None);
        await timer.RunAsync(JobCatalog.TrendAggregation, isPastDue: true, default, CancellationToken.None);
        Assert.Equal(1, runs);

        await timer.RunAsync(JobCatalog.TrendAggregation, isPastDue: false, default, CancellationToken.None);
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task IsOverdueAsync_ByHistory_OnlyWhereARunWasMissed()
    {
        await using var host = await HostAsync((_, _) => Task.FromResult(SomeWork));
        var timer = host.Services.GetRequiredService<JobTimer>();
        var job = JobCatalog.Find(JobCatalog.TrendAggregation)!;

        Assert.False(await timer.IsOverdueAsync(job, CancellationToken.None));

        await host.ExecuteAsync("insert into job_runs (job_name, status, started_at) values ('trend-aggregation', 'succeeded', now() - interval '2 days')");
        Assert.True(await timer.IsOverdueAsync(job, CancellationToken.None));

        await host.RunAsync();
        Assert.False(await timer.IsOverdueAsync(job, CancellationToken.None));
    }

    private async Task<JobHost> HostAsync(Func<JobContext, CancellationToken, Task<JobOutcome>> job, TimeProvider? time = null)
        => await JobHost.Create(await postgres.CreateDatabaseAsync(), job: job, time: time).MigrateAsync();
}
