using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Jobs;

[Collection(NativePostgresCollection.Name)]
public sealed class PausedJobTests(NativePostgres postgres)
{
    private const string Job = JobCatalog.TrendAggregation;

    private int runs;

    [Theory]
    [InlineData(RunTrigger.Http)]
    [InlineData(RunTrigger.Cli)]
    public async Task RunAsync_Paused_IsSkippedAndLeavesARowThatSaysWhy(RunTrigger trigger)
    {
        await using var host = await HostAsync();
        await PauseAsync(host);

        var answer = await host.RunAsync(new RunRequest(Job, trigger));

        Assert.Equal((202, RunStatus.Skipped, 0), (answer.StatusCode, answer.Status, runs));
        Assert.Matches("^Paused by Anna since .* UTC: The provider migrates\\.$", (string)answer.Body["message"]!);
        Assert.Equal(("Anna", "The provider migrates."), ((string)answer.Body["paused"]!["by"]!, (string)answer.Body["paused"]!["reason"]!));
        var run = await host.Services.GetRequiredService<JobRunStore>().FindAsync(answer.RunId!.Value, CancellationToken.None);
        Assert.Equal((RunStatus.Skipped, 202), (run!.Status, run.StatusCode));
        Assert.NotNull(run.FinishedAt);
        Assert.True(JsonNode.DeepEquals(answer.Body, JsonNode.Parse(run.Answer!)));
        Assert.Equal("Anna", (string)JsonNode.Parse(run.Metadata)!["paused"]!["by"]!);
    }

    [Fact]
    public async Task RunAsync_TimerWhilePaused_IsSkippedWithoutAnError()
    {
        await using var host = await HostAsync();
        await PauseAsync(host);

        await host.Services.GetRequiredService<JobTimer>().RunAsync(Job, isPastDue: false, default, CancellationToken.None);

        Assert.Equal((0, "skipped"), (runs, await host.QueryAsync<string>("select status from job_runs")));
    }

    [Fact]
    public async Task RunAsync_PausedAndForced_Runs()
    {
        await using var host = await HostAsync();
        await PauseAsync(host);

        var answer = await host.RunAsync(new RunRequest(Job, RunTrigger.Http) { Force = true });

        Assert.Equal((RunStatus.Succeeded, 1), (answer.Status, runs));
    }

    [Fact]
    public async Task RunAsync_PauseHasRunOut_Runs()
    {
        await using var host = await HostAsync();
        await PauseAsync(host, DateTimeOffset.UtcNow.AddHours(1));
        await host.ExecuteAsync("update lexyhub_jobs.job_pauses set until = clock_timestamp()");

        Assert.Equal(RunStatus.Succeeded, (await host.RunAsync()).Status);
        Assert.Empty(await Pauses(host).ReadAllAsync(CancellationToken.None));
        Assert.False(await Pauses(host).ResumeAsync(Job, CancellationToken.None));
    }

    [Fact]
    public async Task RunAsync_AnotherJobIsPaused_Runs()
    {
        await using var host = await HostAsync();
        await Pauses(host).PauseAsync(JobCatalog.EmbedMissing, "Anna", "Why not.", null, CancellationToken.None);

        Assert.Equal(RunStatus.Succeeded, (await host.RunAsync()).Status);
    }

    [Fact]
    public async Task RunAsync_KeyAskedWhilePaused_RunsWithThatKeyOnceResumed()
    {
        await using var host = await HostAsync();
        var withKey = new RunRequest(Job, RunTrigger.Http) { IdempotencyKey = "nightly-1" };
        await PauseAsync(host);
        Assert.Equal(RunStatus.Skipped, (await host.RunAsync(withKey)).Status);
        Assert.True(await Pauses(host).ResumeAsync(Job, CancellationToken.None));

        var first = await host.RunAsync(withKey);
        await PauseAsync(host);
        var again = await host.RunAsync(withKey);

        Assert.Equal((RunStatus.Succeeded, RunStatus.Succeeded, 1), (first.Status, again.Status, runs));
        Assert.Equal(first.RunId, again.RunId);
    }

    [Fact]
    public async Task RunAsync_PausedAfterARunDied_ClosesThatRunToo()
    {
        await using var host = await HostAsync();
        await host.RunAsync();
        await host.ExecuteAsync("""
            update job_runs set status = 'running', finished_at = null;
            update lexyhub_jobs.job_leases set run_id = (select id from job_runs), expires_at = clock_timestamp() - interval '1 second'
            """);
        await PauseAsync(host);

        await host.RunAsync();

        Assert.Equal("abandoned,skipped", await host.QueryAsync<string>("select string_agg(status, ',' order by started_at) from job_runs"));
    }

    [Fact]
    public async Task ListAsync_Paused_ShowsWhoAndWhy()
    {
        await using var host = await HostAsync();
        await PauseAsync(host);

        var jobs = await CallAsync(host, "GET", "jobs");

        Assert.Equal([(Job, "Anna")], jobs.Body["jobs"]!.AsArray()
            .Where(job => job!["paused"] is not null)
            .Select(job => ((string?)job!["name"], (string?)job["paused"]!["by"])));
    }

    [Fact]
    public async Task PauseAndResume_OverHttp_PausesForcesAndResumes()
    {
        await using var host = await HostAsync();

        var paused = await CallAsync(host, "POST", $"jobs/{Job}/pause", """{"reason":" The provider migrates. ","by":"Anna"}""");
        var skipped = await CallAsync(host, "POST", $"jobs/{Job}");
        var forced = await CallAsync(host, "POST", $"jobs/{Job}", query: ("force", "true"));
        var resumed = await CallAsync(host, "POST", $"jobs/{Job}/resume");
        var again = await CallAsync(host, "POST", $"jobs/{Job}/resume");

        Assert.Equal((200, "The provider migrates.", 202, 200), (paused.Status, (string?)paused.Body["paused"]!["reason"], skipped.Status, forced.Status));
        Assert.Equal((true, false), ((bool)resumed.Body["wasPaused"]!, (bool)again.Body["wasPaused"]!));
        Assert.Equal(200, (await CallAsync(host, "POST", $"jobs/{Job}")).Status);
    }

    [Theory]
    [InlineData("", "not the JSON that is expected")]
    [InlineData("null", "not the JSON that is expected")]
    [InlineData("[1", "not the JSON that is expected")]
    [InlineData("""{"by":"Anna"}""", "needs a reason")]
    [InlineData("{\"reason\":\"a\\nb\"}", "in one line")]
    [InlineData("""{"reason":"x","by":" "}""", "name of who pauses")]
    [InlineData("""{"reason":"x","until":"2020-01-01T00:00:00Z"}""", "2020-01-01 00:00 UTC, which has passed")]
    [InlineData("""{"reason":"x","until":"tomorrow"}""", "not the JSON that is expected")]
    public async Task Pause_BadInput_Answers400(string body, string error)
    {
        await using var host = await HostAsync();

        var (status, answer) = await CallAsync(host, "POST", $"jobs/{Job}/pause", body);

        Assert.Equal(400, status);
        Assert.Contains(error, (string)answer["error"]!, StringComparison.Ordinal);
        Assert.Empty(await Pauses(host).ReadAllAsync(CancellationToken.None));
    }

    [Fact]
    public async Task HandleAsync_WrongJobMethodTokenOrForce_IsRefused()
    {
        await using var host = await HostAsync();

        Assert.Equal(404, (await CallAsync(host, "POST", "jobs/nope/pause")).Status);
        Assert.Equal(405, (await CallAsync(host, "GET", $"jobs/{Job}/resume")).Status);
        Assert.Equal(401, (await CallAsync(host, "POST", $"jobs/{Job}/pause", """{"reason":"x"}""", token: "another")).Status);
        Assert.Equal(400, (await CallAsync(host, "POST", $"jobs/{Job}", query: ("force", "yes"))).Status);
        Assert.Equal(413, (await CallAsync(host, "POST", $"jobs/{Job}/pause", $$"""{"reason":"{{new string('x', 300_000)}}"}""")).Status);
        Assert.Equal(0, runs);
    }

    private static JobPauseStore Pauses(JobHost host) => host.Services.GetRequiredService<JobPauseStore>();

    private static Task<JobPause> PauseAsync(JobHost host, DateTimeOffset? until = null)
        => Pauses(host).PauseAsync(Job, "Anna", "The provider migrates.", until, CancellationToken.None);

    private static Task<(int Status, JsonNode Body)> CallAsync(
        JobHost host, string method, string path, string body = "", string token = "token", (string Name, string Value)? query = null)
        => Api.CallAsync(host, method, path, body, token, query is { } one ? new Dictionary<string, string> { [one.Name] = one.Value } : []);

    private async Task<JobHost> HostAsync()
        => await JobHost.Create(
            await postgres.CreateDatabaseAsync(),
            new Dictionary<string, string?> { [ServiceTokens.SettingName] = "token" },
            (_, _) =>
            {
                runs++;
                return Task.FromResult(new JobOutcome { Processed = 1 });
            }).MigrateAsync();
}
