using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LexyHub.Cli;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace LexyHub.Core.Tests.Cli;

[Collection(NativePostgresCollection.Name)]
public sealed partial class CommandTests(NativePostgres postgres)
{
    public static TheoryData<string> CommandLines()
    {
        var lines = new TheoryData<string> { "" };
        Add(CliApplication.CreateRoot(new CliHarness(null).Environment), "");
        return lines;

        void Add(Command parent, string path)
        {
            foreach (var child in parent.Subcommands)
            {
                lines.Add($"{path} {child.Name}".Trim());
                Add(child, $"{path} {child.Name}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(CommandLines))]
    public async Task Help_EveryCommand_HasAnExampleOfItself(string path)
    {
        var cli = new CliHarness(null);

        Assert.Equal(ExitCode.Done, await cli.RunAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]));

        Assert.Matches($@"Examples:\s+(.*\s)?lexyhub {path}", cli.Out.ToString());
        Assert.Contains("Exit codes:", cli.Out.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("serv", "Did you mean 'serve'?")]
    [InlineData("run", "Required argument missing")]
    [InlineData("run trend-agregation", "Did you mean 'trend-aggregation'?")]
    [InlineData("run everything", "Jobs: etsy-sync, trend-aggregation")]
    [InlineData("run all --budget 5x", "90s, 5m, 1h")]
    [InlineData("run all --set nothing", "name=value")]
    [InlineData("serve --urls https://localhost:1", "http://")]
    [InlineData("jobs --count -1", "0 to 1000")]
    [InlineData("migrate --set other", "core")]
    [InlineData("similar gold --count 40", "1 to 39")]
    [InlineData("database --port 70000", "0 to 65535")]
    [InlineData("import keywords no-such-file.csv", "no-such-file.csv")]
    public async Task Run_CommandLineNotUnderstood_EndsWith2(string line, string said)
    {
        var cli = new CliHarness(null);

        Assert.Equal(ExitCode.Usage, await cli.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Contains(said, cli.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Json_PrintsExactlyTheBodyOverHttp()
    {
        var cli = await MigratedAsync((_, _) => Task.FromResult(new JobOutcome
        {
            Processed = 5,
            Failed = 1,
            Errors = [new("a \"quoted\" <term>", "été")],
            Counts = new JsonObject { ["sources"] = new JsonObject { ["reddit"] = new JsonObject { ["error"] = "429" } } },
        }));
        var before = cli.Out.ToString().Length;

        Assert.Equal(ExitCode.Done, await cli.RunAsync("run", JobCatalog.TrendAggregation, "--json"));

        var printed = cli.Out.ToString()[before..];
        await using var served = await cli.ServeAsync("--no-timers");
        var (_, sent, _) = await served.SendAsync(HttpMethod.Post, $"/api/jobs/{JobCatalog.TrendAggregation}");
        Assert.Equal(OfAnyRun(sent) + Environment.NewLine, OfAnyRun(printed));
    }

    [Fact]
    public async Task Run_Failed_EndsWith1AndSaysWhatToDoWithoutAStackTrace()
    {
        var cli = await MigratedAsync((_, _) => throw new JobException("provider-not-configured", 500, "Set OPENAI_API_KEY."));

        Assert.Equal(ExitCode.Failed, await cli.RunAsync("run", "all"));

        Assert.Contains("Set OPENAI_API_KEY.", cli.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", cli.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Partial_EndsWith0AndSaysWhatRemains()
    {
        var cli = await MigratedAsync((context, _) =>
        {
            Assert.Equal("2", context.Parameters["days"]);
            Assert.InRange(context.Left, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(5));
            return Task.FromResult(new JobOutcome { Processed = 5, Remaining = 1_500, Stopped = StopReason.Time });
        });

        Assert.Equal(ExitCode.Done, await cli.RunAsync("run", "all", "--budget", "5m", "--set", "days=1", "--set", "days=2"));

        Assert.Contains("5 processed, 1,500 remaining", cli.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DatabaseUnreachable_EndsWith1WithoutThePassword()
    {
        var cli = new CliHarness(null);

        Assert.Equal(ExitCode.Failed, await cli.RunAsync("jobs", "--database", $"postgresql://u:hunter2@127.0.0.1:{ChildProcess.FreePort()}/d"));

        Assert.Contains("cannot be reached", cli.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", cli.Error.ToString() + cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LocalSettings_AreReadBelowTheEnvironment()
    {
        var directory = Directory.CreateTempSubdirectory("lexyhub-cli-");
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(directory.FullName, "local.settings.json"),
                $$"""
                { // as Core Tools read it
                  "Values": { "ConnectionStrings__LexyHub": "{{await postgres.CreateDatabaseAsync()}}", "Database__MigrateAtStartup": "true" },
                }
                """);
            var cli = new CliHarness(null);
            cli.Environment = cli.Environment with { CurrentDirectory = directory.FullName };

            Assert.Equal(ExitCode.Done, await cli.RunAsync("migrate", "--status"));
            Assert.Contains("0 applied", cli.Out.ToString(), StringComparison.Ordinal);

            cli.Settings["ConnectionStrings:LexyHub"] = "Host=127.0.0.1;Port=1;Username=u;Timeout=2";
            Assert.Equal(ExitCode.Failed, await cli.RunAsync("migrate", "--status"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Jobs_AfterARun_ShowsIt()
    {
        var cli = await MigratedAsync((_, _) => Task.FromResult(new JobOutcome { Processed = 12_345 }));
        await cli.RunAsync("run", "all");

        Assert.Equal(ExitCode.Done, await cli.RunAsync("jobs"));
        Assert.Contains("healthy", cli.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("12,345", cli.Out.ToString(), StringComparison.Ordinal);

        var before = cli.Out.ToString().Length;
        Assert.Equal(ExitCode.Done, await cli.RunAsync("jobs", "--json", "--count", "1"));
        var json = JsonNode.Parse(cli.Out.ToString()[before..])!;
        Assert.True((bool)json["healthy"]!);
        Assert.Equal(12_345, (long)json["runs"]![0]!["processed"]!);
    }

    [Fact]
    public async Task Import_BadRow_IsReportedWithItsLineAndTheRestGoesIn()
    {
        var cli = await MigratedAsync(null);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "term,market\nsilver ring,us\n,us\ngold ring,de\n");

            Assert.Equal(ExitCode.Done, await cli.RunAsync("import", "keywords", file));
            Assert.Contains("2 added, 0 changed, 0 unchanged, 1 skipped", cli.Out.ToString(), StringComparison.Ordinal);
            Assert.Contains("line 3:", cli.Error.ToString(), StringComparison.Ordinal);

            Assert.Equal(ExitCode.Done, await cli.RunAsync("import", "keywords", file));
            Assert.Contains("0 added, 0 changed, 2 unchanged", cli.Out.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Serve_ScheduleMissedAndRunFails_RunsAtOnceAndAgainWhenNextDue()
    {
        var runs = 0;
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var connectionString = await postgres.CreateDatabaseAsync();
        var cli = await new CliHarness(
            connectionString,
            (_, _) => Interlocked.Increment(ref runs) == 1 ? throw new JobException("broken", 500, "Broken.") : Task.FromResult(new JobOutcome()),
            time).MigrateAsync();
        await TestDatabase.ExecuteAsync(
            connectionString,
            $"insert into job_runs (job_name, status, started_at) values ('{JobCatalog.TrendAggregation}', 'succeeded', now() - interval '2 days')");

        await using var served = await cli.ServeAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref runs) == 1), "the missed run");
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(5));
                return Task.FromResult(Volatile.Read(ref runs) == 2);
            },
            "the next run on schedule");
    }

    private async Task<CliHarness> MigratedAsync(Func<JobContext, CancellationToken, Task<JobOutcome>>? job)
        => await new CliHarness(await postgres.CreateDatabaseAsync(), job).MigrateAsync();

    private static string OfAnyRun(string body) => RunIdOrDuration().Replace(body, "$1:0");

    [GeneratedRegex("""("runId"|"durationMs"):("[^"]*"|[0-9]+)""")]
    private static partial Regex RunIdOrDuration();
}
