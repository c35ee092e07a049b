using System.Text.Json.Nodes;
using LexyHub.Cli;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Cli;

/// <summary><c>lexyhub pause</c>, <c>resume</c> and <c>quarantine</c>.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class OperationsCommandTests(NativePostgres postgres)
{
    private const string Job = JobCatalog.TrendAggregation;

    [Fact]
    public async Task Pause_ThenRunForceAndResume_DoesWhatItSays()
    {
        var runs = 0;
        var cli = await new CliHarness(await postgres.CreateDatabaseAsync(), (_, _) =>
        {
            runs++;
            return Task.FromResult(new JobOutcome { Processed = 1 });
        }).MigrateAsync();

        Assert.Equal(ExitCode.Done, await cli.RunAsync("pause", Job, "--reason", "The provider migrates", "--until", "12h", "--by", "Anna"));
        Assert.Equal(ExitCode.Done, await cli.RunAsync("run", Job));
        Assert.Equal(0, runs);
        Assert.Equal(ExitCode.Done, await cli.RunAsync("jobs"));
        Assert.Equal(ExitCode.Done, await cli.RunAsync("run", Job, "--force"));
        Assert.Equal(1, runs);
        Assert.Equal(ExitCode.Done, await cli.RunAsync("resume", "all"));
        Assert.Equal(ExitCode.Done, await cli.RunAsync("run", Job));
        Assert.Equal(2, runs);

        var said = cli.Out.ToString();
        Assert.Matches($"{Job}: Paused by Anna since .* until .*: The provider migrates", said);
        Assert.Contains($"{Job} skipped: Paused by Anna", said, StringComparison.Ordinal);
        Assert.Contains("--force` runs it all the same", said, StringComparison.Ordinal);
        Assert.Contains($"{Job}: Resumed.", said, StringComparison.Ordinal);
        Assert.Contains($"{JobCatalog.EmbedMissing}: It was not paused.", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause trend-aggregation", "--reason")]
    [InlineData("pause trend-agregation --reason x", "Did you mean 'trend-aggregation'?")]
    [InlineData("pause all --reason x --until soon", "neither an instant")]
    [InlineData("resume", "Required argument missing")]
    [InlineData("quarantine retry", "Say what to retry")]
    [InlineData("quarantine retry --all --item x", "Say what to retry")]
    [InlineData("quarantine list --kind shop", "shop")]
    [InlineData("quarantine list --count 0", "--count must be 1 to 10000")]
    public async Task Any_BadUsage_EndsWith2AndSaysWhatIsWrong(string line, string said)
    {
        var cli = new CliHarness(null);

        Assert.Equal(ExitCode.Usage, await cli.RunAsync(line.Split(' ')));

        Assert.Contains(said, cli.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pause_UntilThePast_Fails()
    {
        var cli = new CliHarness(null);

        Assert.Equal(ExitCode.Failed, await cli.RunAsync("pause", Job, "--reason", "x", "--until", "2020-01-01T00:00Z"));

        Assert.Contains("2020-01-01 00:00 UTC, which has passed", cli.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quarantine_ListAndRetry_ShowsAndReleases()
    {
        var database = await postgres.CreateDatabaseAsync();
        var cli = await new CliHarness(database).MigrateAsync();
        await Sql.ExecuteAsync(database, """
            insert into lexyhub_jobs.embedding_quarantine (kind, item, model, text_hash, reason, attempts, first_at, last_at, retry_at)
            values ('keyword', 'rude term', 'm', 'h', 'content_filter [hate]', 5, now(), now(), null),
                ('keyword', 'other term', 'm', 'h', 'content_filter', 1, now(), now(), now() + interval '1 hour')
            """);

        Assert.Equal(ExitCode.Done, await cli.RunAsync("quarantine", "list"));
        Assert.Contains("embed-missing: 1 keywords wait for another try, 1 are given up.", cli.Out.ToString(), StringComparison.Ordinal);
        Assert.Matches("rude term .* given up .*content_filter \\[hate\\]", cli.Out.ToString());

        var before = cli.Out.ToString().Length;
        Assert.Equal(ExitCode.Done, await cli.RunAsync("quarantine", "list", "--state", "given-up", "--json"));
        Assert.Equal("rude term", (string?)Assert.Single(JsonNode.Parse(cli.Out.ToString()[before..])!["items"]!.AsArray())!["item"]);

        Assert.Equal(ExitCode.Done, await cli.RunAsync("quarantine", "retry", "--job", JobCatalog.EmbedMissing, "--item", "rude term"));
        Assert.Contains("embed-missing: 1 released, due at its next run.", cli.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal(["rude term"], await Sql.RowsAsync(database, "select item from lexyhub_jobs.embedding_quarantine where retry_at <= now()"));
    }

    [Fact]
    public async Task Prune_DryRunThenForReal_SaysWhatGoes()
    {
        var database = await postgres.CreateDatabaseAsync();
        var cli = await new CliHarness(database).MigrateAsync();
        await Sql.ExecuteAsync(database, "insert into lexyhub_jobs.signals (term, source, recorded_on, value) values ('gold hoops', 'reddit', '2001-01-01', 1)");

        Assert.Equal(ExitCode.Done, await cli.RunAsync("prune", "--dry-run"));
        Assert.Matches("signals +1200 days +.* 1 ", cli.Out.ToString());
        Assert.Contains("Would go", cli.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal("1", await Sql.ValueAsync(database, "select count(*) from lexyhub_jobs.signals"));

        var before = cli.Out.ToString().Length;
        Assert.Equal(ExitCode.Done, await cli.RunAsync("prune", "--json"));
        var signals = JsonNode.Parse(cli.Out.ToString()[before..])!["removed"]!.AsArray().Single(one => (string)one!["name"]! == "signals")!;
        Assert.Equal((1, 1200.0), ((int)signals["rows"]!, (double)signals["keepDays"]!));
        Assert.Equal("0", await Sql.ValueAsync(database, "select count(*) from lexyhub_jobs.signals"));
    }
}
