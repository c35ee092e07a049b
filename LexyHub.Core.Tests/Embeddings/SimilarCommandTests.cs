using System.Text.Json.Nodes;
using LexyHub.Cli;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Embeddings;

/// <summary><c>lexyhub index create</c> and <c>lexyhub similar</c> over vectors of the local provider.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class SimilarCommandTests(VectorPostgres postgres)
{
    private const string Model = "lexyhub-local-1";

    [Fact]
    public async Task IndexCreate_TwiceOverVectors_BuildsTheModelsIndexOnce()
    {
        var (cli, host) = await OverAsync();
        await using var _ = host;

        Assert.Empty(await BuiltAsync(cli));
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from pg_indexes where indexdef ilike '%hnsw%'"));
        await EmbedAsync(cli, host);

        Assert.Equal(Model, Assert.Single(await BuiltAsync(cli)));
        Assert.Empty(await BuiltAsync(cli));
        Assert.Equal(
            $"{VectorIndex.NameOf(Model)} true",
            await host.QueryAsync<string>("select c.relname || ' ' || i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname like 'embeddings_hnsw%'"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Similar_WithAndWithoutIndex_ShowsTheNearestKeywordsFirst(bool isIndexed, bool isExact)
    {
        var (cli, host) = await OverAsync();
        await using var _ = host;
        await EmbedAsync(cli, host);
        if (isIndexed)
        {
            await BuiltAsync(cli);
        }

        string[] arguments = ["similar", "gold hoop earrings", "--count", "2", "--json"];
        var answer = await JsonOfAsync(cli, isExact ? [.. arguments, "--exact"] : arguments);

        Assert.Equal(Model, (string?)answer["model"]);
        var similar = answer["similar"]!.AsArray();
        Assert.Equal(["hoop earring gold", "gold ring"], similar.Select(one => (string?)one!["term"]));
        Assert.InRange((double)similar[0]!["cosineSimilarity"]!, (double)similar[1]!["cosineSimilarity"]!, 1);
    }

    [Theory]
    [InlineData("similar", " ")]
    [InlineData("similar", "ring", "--count", "0")]
    [InlineData("similar", "ring", "--count", "40")]
    public async Task Run_WrongArguments_IsAUsageError(params string[] arguments)
        => Assert.Equal(ExitCode.Usage, await new CliHarness(null).RunAsync(arguments));

    private static async Task EmbedAsync(CliHarness cli, JobHost host)
    {
        await host.ExecuteAsync("insert into keywords (term) values ('gold hoop earrings'), ('hoop earring gold'), ('gold ring'), ('wool scarf')");
        Assert.Equal(4, (long)(await JsonOfAsync(cli, "run", "embed-missing", "--json"))["processed"]!);
    }

    private static async Task<string?[]> BuiltAsync(CliHarness cli)
        => [.. (await JsonOfAsync(cli, "index", "create", "--json"))["built"]!.AsArray().Select(model => (string?)model)];

    private static async Task<JsonNode> JsonOfAsync(CliHarness cli, params string[] arguments)
    {
        var before = cli.Out.ToString().Length;
        Assert.True(await cli.RunAsync(arguments) == ExitCode.Done, cli.Error.ToString());
        return JsonNode.Parse(cli.Out.ToString()[before..])!;
    }

    private async Task<(CliHarness Cli, JobHost Host)> OverAsync()
    {
        var connection = await postgres.CreateDatabaseAsync();
        var cli = new CliHarness(connection) { Settings = { ["Providers:Mode"] = "local" } };
        Assert.Equal(ExitCode.Done, await cli.RunAsync("migrate"));
        return (cli, JobHost.Create(connection));
    }
}
