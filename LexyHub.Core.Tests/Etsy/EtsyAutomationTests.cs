using System.Text.Json.Nodes;
using LexyHub.Cli;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Workflow;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Etsy;

/// <summary>How etsy-sync is started, and how it is not.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class EtsyAutomationTests(NativePostgres postgres)
{
    [Theory]
    [InlineData("false", 0)]
    [InlineData("", 0)]
    [InlineData("true", 1)]
    public async Task Timer_AsAutomationSays_RunsOrSaysOnceThatItDoesNot(string automation, int runs)
    {
        await using var host = await EtsyHost.CreateAsync(postgres, "", ("Etsy:Automation", automation.Length == 0 ? "False" : automation));
        await host.ConnectAsync(1, listings: 1);
        var timer = host.Host.Services.GetRequiredService<JobTimer>();

        await timer.RunAsync(JobCatalog.EtsySync, isPastDue: false, CancellationToken.None);
        await timer.RunAsync(JobCatalog.EtsySync, isPastDue: true, CancellationToken.None);

        Assert.Equal(runs, Math.Min(1, await host.Host.QueryAsync<long>("select count(*) from job_runs")));
        Assert.Equal(1 - runs, host.Log.Text.Split("does nothing unless Etsy:Automation is true").Length - 1);
        Assert.Equal(runs == 1, await host.Host.QueryAsync<bool>("select exists (select from provider_sync_states where next_run_at > now())"));
    }

    [Theory]
    [InlineData("false", "off", "healthy", false)]
    [InlineData("true", "on", "late", true)]
    public async Task Jobs_LastRunLongAgo_IsLateOnlyWhereAutomated(string automation, string shown, string state, bool isOverdue)
    {
        var connection = await postgres.CreateDatabaseAsync();
        var cli = await new CliHarness(connection) { Settings = { ["Etsy:Automation"] = automation } }.MigrateAsync();
        await Sql.ExecuteAsync(connection, "insert into job_runs (job_name, status, started_at, finished_at) values ('etsy-sync', 'succeeded', now() - interval '9 days', now() - interval '9 days')");
        await using var served = await cli.ServeAsync("--no-timers");

        var (_, body, _) = await served.SendAsync(HttpMethod.Get, "/api/jobs");
        await cli.RunAsync("jobs");

        var job = JsonNode.Parse(body)!["jobs"]!.AsArray().Single(job => (string?)job!["name"] == JobCatalog.EtsySync)!;
        Assert.Equal((shown, "Etsy:Automation", state), ((string?)job["automation"], (string?)job["automationSetting"], (string?)job["state"]));
        Assert.Equal(isOverdue, job["nextDue"] is not null);
        Assert.Equal(!isOverdue, cli.Out.ToString().Contains("off (Etsy:Automation)", StringComparison.Ordinal));
        await using var host = JobHost.Create(connection, new Dictionary<string, string?> { ["Etsy:Automation"] = automation });
        Assert.Equal(isOverdue, await host.Services.GetRequiredService<JobTimer>().IsOverdueAsync(JobCatalog.Find(JobCatalog.EtsySync)!, CancellationToken.None));
    }

    [Fact]
    public void Workflow_DoesNotCallIt()
        => Assert.DoesNotContain(JobCatalog.EtsySync, File.ReadAllText(Path.Combine(WorkflowScript.RepositoryRoot(), ".github/workflows/background-jobs.yml")), StringComparison.Ordinal);

    [Fact]
    public async Task Cli_RunsAndListsAccounts()
    {
        await using var host = await EtsyHost.CreateAsync(postgres);
        var account = await host.ConnectAsync(1, listings: 150);
        await host.ConnectAsync(2, "access", null, minutes: -1);
        var cli = new CliHarness(host.Connection);
        foreach (var (key, value) in host.Settings)
        {
            cli.Settings[key] = value;
        }

        Assert.Equal(ExitCode.Done, await cli.RunAsync("run", "etsy-sync", "--mode", "full", "--account", account.ToString()));
        Assert.Equal(ExitCode.Done, await cli.RunAsync("run", "etsy-sync"));
        Assert.Equal(ExitCode.Done, await cli.RunAsync("etsy", "accounts"));
        Assert.Equal(ExitCode.Done, await cli.RunAsync("etsy", "accounts", "--json"));
        Assert.Equal(ExitCode.Usage, await cli.RunAsync("run", "etsy-sync", "--mode", "some"));
        Assert.Equal(ExitCode.Usage, await cli.RunAsync("run", "etsy-sync", "--account", "some"));

        var said = cli.Out.ToString();
        Assert.Contains("Shop 1, succeeded, full, processed 150, upserted 150", said, StringComparison.Ordinal);
        Assert.Contains("Shop 1: succeeded, 150 listings", cli.Error.ToString(), StringComparison.Ordinal);
        Assert.Matches("Shop 2 +2 +needs-reconnect", said);
        Assert.Matches(@"Shop 1 +1 +active .* 150 +succeeded", said);
        Assert.DoesNotContain("SECRET", said + cli.Error, StringComparison.Ordinal);
    }
}
