using LexyHub.Cli;
using LexyHub.Cli.Hosting;
using Npgsql;

namespace LexyHub.Core.Tests.Cli;

/// <summary>On the embedded PostgreSQL.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("lexyhub-demo-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task Demo_ConnectionConfigured_IgnoresItAndShowsMovers()
    {
        var cli = new CliHarness("Host=127.0.0.1;Port=1;Username=operator;Timeout=2");

        Assert.True(await cli.RunAsync("demo", "--data-dir", directory.FullName) == ExitCode.Done, cli.Error.ToString());

        Assert.Contains("Top movers", cli.Out.ToString(), StringComparison.Ordinal);
        Assert.Matches(@"cottagecore dress .*surge", cli.Out.ToString());

        // From the database, after the job: every intent and every facet has an example.
        var examples = cli.Out.ToString()[cli.Out.ToString().IndexOf("What shoppers mean, by lexyhub-lexicon-", StringComparison.Ordinal)..];
        Assert.All(
            (string[])["informational", "navigational", "commercial", "transactional", "occasion ", "recipient ", "style ", "material ", "gift"],
            shown => Assert.Contains(shown, examples, StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartAsync_DirectoryHeldByAnother_ReachesThatOne()
    {
        var request = new EmbeddedRequest(directory.FullName, new Ignore());
        await using var first = await EmbeddedDatabase.StartAsync(request, CancellationToken.None);

        await using (var second = await EmbeddedDatabase.StartAsync(request, CancellationToken.None))
        {
            Assert.Equal(first.ConnectionString, second.ConnectionString);
        }

        await using var connection = new NpgsqlConnection($"{first.ConnectionString};Pooling=false");
        await connection.OpenAsync();
    }

    private sealed class Ignore : IProgress<string>
    {
        public void Report(string value)
        {
        }
    }
}
