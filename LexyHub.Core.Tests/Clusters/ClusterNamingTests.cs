using System.Text.Json;
using System.Text.Json.Nodes;
using LexyHub.Core.Clusters;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Embeddings;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Providers;
using static LexyHub.Core.Tests.Clusters.ClusterHost;

namespace LexyHub.Core.Tests.Clusters;

/// <summary>Labels by a chat model, asked over the wire.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class ClusterNamingTests(VectorPostgres postgres)
{
    private const string LabelsSql = "select string_agg(label || ' by ' || (extras #>> '{audit,labelSource}'), ', ' order by label) from concept_clusters";

    [Fact]
    public async Task RunAsync_ModelConfigured_NamesAllClustersInOneRequestAndNoneAgain()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request => Answer(request, topic => $"Fine {topic}"));
        await using var host = await HostAsync(server);
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6), .. Topic("oak", 6)]);

        var first = await host.RebuildAsync();

        Assert.Equal("Fine gold by gpt-4o-mini, Fine oak by gpt-4o-mini, Fine wool by gpt-4o-mini", await host.Jobs.QueryAsync<string>(LabelsSql));
        Assert.Equal(("succeeded", 3L, 1L), (first.Status, Count(first, "named"), Count(first, "requests")));
        Assert.True(Count(first, "tokens") > 0);
        Assert.Equal(0.9, await host.Jobs.QueryAsync<double>("select min((extras ->> 'confidence')::float8) from concept_clusters"));

        // Keywords are data: the model is sent them as JSON, apart from our instructions.
        var request = Assert.Single(server.Requests);
        Assert.DoesNotContain("gold", request.System.Replace("gold hoop", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(6, JsonNode.Parse(request.User)!["groups"]![0]!["keywords"]!.AsArray().Count);

        await host.RebuildAsync();
        Assert.Single(server.Requests);
        await host.Jobs.ExecuteAsync("delete from keywords where term in ('gold 00', 'gold 01', 'gold 02')");
        await host.RebuildAsync();
        Assert.Single(JsonNode.Parse(server.Requests[1].User)!["groups"]!.AsArray());
    }

    [Fact]
    public async Task RunAsync_ModelFails_KeepsTheOlderLabelAndTriesAgainAtTheNextRebuild()
    {
        var isBroken = false;
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request => isBroken ? "nonsense" : Answer(request, topic => $"Fine {topic}"));
        await using var host = await HostAsync(server);
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);
        await host.RebuildAsync();
        await host.Jobs.ExecuteAsync("delete from keywords where term in ('gold 00', 'gold 01', 'gold 02')");
        isBroken = true;

        var answer = await host.RebuildAsync();

        Assert.Equal(("partial", "failed-items", 1L), (answer.Status, (string?)answer.Body["stopReason"], Count(answer, "failed")));
        Assert.Equal("cluster Fine gold", (string?)answer.Body["errors"]![0]!["item"]);
        Assert.Equal("Fine gold by gpt-4o-mini, Fine wool by gpt-4o-mini", await host.Jobs.QueryAsync<string>(LabelsSql));
        isBroken = false;
        Assert.Equal(1, Count(await host.RebuildAsync(), "named"));
    }

    [Fact]
    public async Task RunAsync_ServiceRefusesTheKey_TakesTheMembersWordsAndSaysSo()
    {
        await using var server = await ChatServer.StartAsync(
            Wire.OpenAI, _ => "", request => request.AnswerAsync(401, """{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"""));
        await using var host = await HostAsync(server);
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);

        var answer = await host.RebuildAsync();

        Assert.Equal(("partial", 2L), (answer.Status, Count(answer, "clusters")));
        Assert.Equal("gold by words, wool by words", await host.Jobs.QueryAsync<string>(LabelsSql));
    }

    [Fact]
    public async Task RunAsync_NoAnswerWithinTwoBudgets_EndsWithTheMembersWordsAndSaysSo()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request => Answer(request, topic => $"Fine {topic}"));
        await using var host = await HostAsync(server);
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);
        var answers = new List<JobAnswer>();
        do
        {
            answers.Add(await host.RebuildForAMomentAsync());
            Assert.True(answers.Count < 100, answers[^1].Body.ToJsonString());
        }
        while ((string?)answers[^1].Body["stopReason"] == "time");

        Assert.Equal("gold by words, wool by words", await host.Jobs.QueryAsync<string>(LabelsSql));
        var failed = Assert.Single(answers, answer => Count(answer, "failed") > 0);
        Assert.Equal(2, Count(failed, "failed"));
        Assert.Contains("time budget", (string?)failed.Body["errors"]![0]!["error"], StringComparison.Ordinal);

        Assert.Equal(2, Count(await host.RebuildAsync(), "named"));
    }

    [Fact]
    public async Task RunAsync_SwitchedOff_AsksNoModel()
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, _ => throw new InvalidOperationException());
        await using var host = await HostAsync(server, ("Clusters:LabelByModel", "false"));
        await host.AddAsync("us", Topic("gold", 6));

        Assert.Equal("succeeded", (await host.RebuildAsync()).Status);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("""{"groups":[{"id":1,"label":" \"Gold hoops\" ","description":"Hoops of gold.","confidence":0.5},{"id":9,"label":"x","description":"y","confidence":1}]}""", "Gold hoops")]
    [InlineData("""{"groups":[{"id":1,"label":"<b>gold</b>","description":"Hoops.","confidence":0.5}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":"see http://evil.example","description":"Hoops.","confidence":0.5}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":"gold","description":"","confidence":0.5}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":"gold","description":"Hoops.","confidence":1.5}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":"one two three four five six seven","description":"Hoops.","confidence":1}]}""", null)]
    [InlineData("""{"groups":[{"id":1,"label":null,"description":"Hoops.","confidence":1}]}""", null)]
    [InlineData("""{"groups":[null]}""", null)]
    [InlineData("""{"groups":[]}""", null)]
    [InlineData("""{"groups":null}""", null)]
    [InlineData("null", null)]
    [InlineData("gold", null)]
    public void Read_WhateverTheModelWrites_TakesOnlyPlainNamesOfWhatWasAsked(string text, string? label)
    {
        var (names, failures) = ClusterNameCheck.Read(text, [new ClusterToName(1, 3, ["gold hoops"])]);

        Assert.Equal(label, names.GetValueOrDefault(1)?.Label);
        Assert.Equal(label is null ? [1] : [], failures.Keys);
        Assert.DoesNotContain(9, names.Keys);
    }

    private static string Answer(ChatRequest request, Func<string, string> label) => JsonSerializer.Serialize(new
    {
        groups = JsonNode.Parse(request.User)!["groups"]!.AsArray().Select(group => new
        {
            id = (int)group!["id"]!,
            label = label(((string)group["keywords"]![0]!).Split(' ')[0]),
            description = "What it is.",
            confidence = 0.9,
        }),
    });

    private Task<ClusterHost> HostAsync(ChatServer server, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(server.Settings) { ["Http:BaseDelay"] = "00:00:00.010", ["Http:MaxBackoff"] = "00:00:00.020" };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return CreateAsync(postgres, all);
    }
}
