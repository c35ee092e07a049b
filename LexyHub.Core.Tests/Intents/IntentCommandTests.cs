using System.Text.Json.Nodes;
using LexyHub.Cli;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Providers;

namespace LexyHub.Core.Tests.Intents;

[Collection(NativePostgresCollection.Name)]
public sealed class IntentCommandTests(NativePostgres postgres)
{
    [Fact]
    public async Task Classify_NoProvider_AnswersByTheLexiconWithItsCuesAndSaysSo()
    {
        var cli = new CliHarness(null);

        Assert.Equal(ExitCode.Done, await cli.RunAsync("classify", "how to clean a silver ring", "best wool scarf", "--json"));

        var answer = JsonNode.Parse(cli.Out.ToString())!.AsArray();
        Assert.Equal(
            [("how to clean a silver ring", "informational", "silver"), ("best wool scarf", "commercial", "wool")],
            answer.Select(one => ((string)one!["text"]!, (string)one["intent"]!, (string)one["material"]!)));
        Assert.Equal("lexyhub-lexicon-5", (string?)answer[0]!["model"]);
        Assert.Equal("best (choose)", (string?)answer[1]!["cues"]![0]);
        Assert.Contains("By the lexicon", cli.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classify_ModelConfigured_AsksItUnlessToldNotTo()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var cli = new CliHarness(null);
        foreach (var (key, value) in server.Settings)
            cli.Settings[key] = value;

        Assert.Equal(ExitCode.Done, await cli.RunAsync("classify", "buy a ring"));
        Assert.Equal(ExitCode.Done, await cli.RunAsync("classify", "buy a ring", "--lexicon"));

        Assert.Single(server.Requests);
        Assert.Matches("(?s)gpt-4o-mini.*lexyhub-lexicon-5", cli.Out.ToString());
    }

    [Theory]
    [InlineData("classify")]
    [InlineData("classify", " ")]
    [InlineData("classify", "ring", "--jsn")]
    [InlineData("intents", "calibrate", "no-such-file.csv")]
    public async Task Run_WrongArguments_IsAUsageError(params string[] arguments)
        => Assert.Equal(ExitCode.Usage, await new CliHarness(null).RunAsync(arguments));

    [Fact]
    public async Task Classify_TextsThatLookLikeOptions_AreClassifiedAfterTwoDashes()
    {
        var cli = new CliHarness(null);

        Assert.Equal(ExitCode.Done, await cli.RunAsync("classify", "--json", "--", "--jsn", "-5 cm ring"));

        Assert.Equal(["--jsn", "-5 cm ring"], JsonNode.Parse(cli.Out.ToString())!.AsArray().Select(one => (string)one!["text"]!));
    }

    [Fact]
    public async Task Classify_ModelRefusesOneText_TellsTheOthersAndFails()
    {
        await using var server = await ChatServer.StartAsync(
            Wire.OpenAI, IntentModel.Answer, async request => IntentModel.ItemsOf(request).Any(item => item.Text == "poison") && await request.CompleteAsync(null, refusal: "No."));
        var cli = new CliHarness(null);
        foreach (var (key, value) in server.Settings)
            cli.Settings[key] = value;
        cli.Settings["Intents:BatchSize"] = "2";

        Assert.Equal(ExitCode.Failed, await cli.RunAsync("classify", "ring", "poison", "buy a lamp", "scarf", "hat", "--json"));

        Assert.Equal(
            ["ring commercial", "poison OpenAI declined: No.", "buy a lamp transactional", "scarf commercial", "hat commercial"],
            JsonNode.Parse(cli.Out.ToString())!.AsArray().Select(one => $"{one!["text"]} {one["intent"] ?? one["error"]}"));
    }

    [Fact]
    public async Task Calibrate_Directory_SaysThatItCannotBeOpened()
    {
        var cli = new CliHarness(null);

        Assert.Equal(ExitCode.Failed, await cli.RunAsync("intents", "calibrate", Path.GetTempPath(), "--json"));

        Assert.Equal("import-failed", (string?)JsonNode.Parse(cli.Out.ToString())!["code"]);
        Assert.Contains("cannot be opened", cli.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Intents_AfterARun_ShowsTheDistribution()
    {
        var (cli, host) = await OverAsync(null);
        await using var _ = host;
        Assert.Equal(ExitCode.Done, await cli.RunAsync("intents"));
        Assert.Contains("Nothing is classified", cli.Out.ToString(), StringComparison.Ordinal);
        await host.ExecuteAsync("insert into keywords (term) values ('best ring'), ('best scarf'), ('how to knit')");
        await host.ClassifyAsync();

        Assert.Equal(ExitCode.Done, await cli.RunAsync("intents", "--json"));

        var rows = JsonNode.Parse(cli.Out.ToString().TrimEnd().Split('\n')[^1])!["intents"]!.AsArray();
        Assert.Equal([("commercial", 2), ("informational", 1)], rows.Select(row => ((string)row!["intent"]!, (int)row["items"]!)));
    }

    [Fact]
    public async Task Calibrate_LabelledFile_FitsTheModelAndLaterRunsStoreProbabilities()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (cli, host) = await OverAsync(server);
        await using var _ = host;
        using var file = new TemporaryFile("text,intent\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"ring {i},{(i % 5 < 3 ? "commercial" : "informational")}\n")));

        Assert.Equal(ExitCode.Done, await cli.RunAsync("intents", "calibrate", file.Path, "--json"));

        // It always says commercial with 0.75, and is right three times of five.
        var report = JsonNode.Parse(cli.Out.ToString())!;
        Assert.Equal(("platt", 200, 0.6), ((string?)report["method"], (int)report["phrases"]!, (double)report["accuracy"]!));
        Assert.InRange((double)report["calibrationErrorBefore"]!, 0.14, 0.3);
        Assert.True((double)report["calibrationErrorAfter"]! < (double)report["calibrationErrorBefore"]!);
        await host.ExecuteAsync("insert into keywords (term) values ('scarf')");
        await host.ClassifyAsync();
        Assert.Equal("0.60", await host.QueryAsync<string>("select round(confidence::numeric, 2)::text from lexyhub_jobs.intent_classifications where calibrated"));
    }

    [Theory]
    [InlineData("", "must name the columns text and intent")]
    [InlineData("text,intent\nring,commercial\n", "There are 1 labelled phrases; 100 are needed")]
    [InlineData("text,intent\nring,wholesale\n", "Record 1 has an intent")]
    [InlineData("text,intent\nring\n", "Record 1 has an intent")]
    [InlineData("text,intent\n\"ring,commercial\nlamp,commercial\n", "Line 2: a quote")]
    [InlineData("text,intent\nring\u00ff,commercial\n", "is not UTF-8")]
    [InlineData("[more than enough]", "more than 20000 records")]
    public async Task Calibrate_FileThatWillNotDo_SaysWhyAndAsksForNothing(string content, string message)
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, IntentModel.Answer);
        var (cli, host) = await OverAsync(server);
        await using var _ = host;
        using var file = new TemporaryFile(content == "[more than enough]" ? "text,intent\n" + string.Concat(Enumerable.Repeat("ring,commercial\n", 20_001)) : content);

        Assert.Equal(ExitCode.Failed, await cli.RunAsync("intents", "calibrate", file.Path));

        Assert.Contains(message, cli.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.intent_calibrations"));
    }

    private async Task<(CliHarness Cli, JobHost Host)> OverAsync(ChatServer? server)
    {
        var connection = await postgres.CreateDatabaseAsync();
        var host = await IntentHost.Over(connection, server, null).MigrateAsync();
        var cli = new CliHarness(connection);
        foreach (var (key, value) in server?.Settings ?? new Dictionary<string, string?> { ["Providers:Mode"] = "local" })
            cli.Settings[key] = value;
        return (cli, host);
    }

    private sealed class TemporaryFile : IDisposable
    {
        /// <param name="content">A byte a character, so that it can be no UTF-8.</param>
        public TemporaryFile(string content) => File.WriteAllText(Path, content, System.Text.Encoding.Latin1);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
