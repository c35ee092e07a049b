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
        Assert.Equal(
            $"gpt-4o-mini 1 {Count(first, "tokens")} {(decimal)first.Body["estimatedCostUsd"]!:F6}",
            await host.Jobs.QueryAsync<string>("select concat_ws(' ', model, requests, tokens, estimated_cost_usd) from lexyhub_jobs.cluster_usage where day = '2026-03-20' and estimated_cost_usd > 0"));
        Assert.Equal(0.9, await host.Jobs.QueryAsync<double>("select min((extras ->> 'confidence')::float8) from concept_clusters"));

        // Keywords are data: the model is sent them as JSON, apart from our instructions.
        var request = Assert.Single(server.Requests);
        Assert.DoesNotContain("gold", request.System.Replace("gold hoop", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(6, GroupsOf(request)[0]!["keywords"]!.AsArray().Count);

        await host.RebuildAsync();
        Assert.Single(server.Requests);
        await host.Jobs.ExecuteAsync("delete from keywords where term in ('gold 00', 'gold 01', 'gold 02')");
        await host.RebuildAsync();
        Assert.Single(GroupsOf(server.Requests[1]));
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
    [InlineData("Fine wool", "", "Fine gold", "Fine wool", 2)]
    [InlineData("Fine wool", "Fine oak", "Fine gold", "Fine wool", 2)]
    [InlineData("Fine wool", "Fine wool", "Fine gold", "Fine wool", 1)]
    [InlineData("Fine things", "Fine things", "Fine things", "Fine wool", 1)]
    [InlineData("Fine wool", "Fine gold", "Fine wool", "Fine gold", 0)]
    public async Task RunAsync_LabelThatAnotherClusterHasOrKeeps_IsRefused(string forGold, string forWool, string gold, string wool, int failed)
    {
        string LabelOf(string topic, bool isFirst) => isFirst ? $"Fine {topic}" : topic == "gold" ? forGold : forWool;
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request => Answer(request, topic => LabelOf(topic, request.Number == 0)));
        await using var host = await HostAsync(server);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 7), .. Topic("oak", 6)]);
        await host.RebuildAsync();
        await host.Jobs.ExecuteAsync("delete from keywords where term ~ '^(gold|wool) 0[0-2]$'");

        var answer = await host.RebuildAsync();

        Assert.Equal(failed, Count(answer, "failed"));
        Assert.Equal(
            $"gold: {gold}, oak: Fine oak, wool: {wool}",
            await host.Jobs.QueryAsync<string>("select string_agg(split_part(members[1], ' ', 1) || ': ' || label, ', ' order by members[1]) from concept_clusters"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task RunAsync_MoreClustersThanGoIntoARequest_AsksForEachOnce(int atOnce)
    {
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request => Answer(request, topic => $"Fine {topic}"));
        await using var host = await HostAsync(server, ("Chat:MaxConcurrency", $"{atOnce}"));
        await host.AddAsync("us", Enumerable.Range(0, 45).SelectMany(i => Topic($"us{i:00}", 6)));
        await host.AddAsync("uk", Enumerable.Range(0, 22).SelectMany(i => Topic($"uk{i:00}", 6)));

        var answer = await host.RebuildAsync();

        Assert.Equal((67L, 67L, 0L, 5L), (Count(answer, "clusters"), Count(answer, "named"), Count(answer, "failed"), Count(answer, "requests")));
        Assert.Equal([2, 5, 20, 20, 20], server.Requests.Select(request => GroupsOf(request).Count).Order());
        Assert.Equal(67, server.Requests.SelectMany(GroupsOf).Select(group => (int)group!["id"]!).Distinct().Count());
        Assert.Equal(67, await host.Jobs.QueryAsync<long>("select count(distinct label) from concept_clusters where label = 'Fine ' || split_part(members[1], ' ', 1)"));
    }

    [Theory]
    [InlineData("context_length_exceeded")]
    [InlineData("length")]
    public async Task RunAsync_RequestTooLarge_IsDividedUntilItIsNot(string how)
    {
        await using var server = await ChatServer.StartAsync(
            Wire.OpenAI,
            request => Answer(request, topic => $"Fine {topic}"),
            async request => GroupsOf(request).Count > 3 && await (how == "length"
                ? request.CompleteAsync("{\"groups\":[", finishReason: "length")
                : request.AnswerAsync(400, $$$"""{"error":{"message":"This model's maximum context length is 128000 tokens.","type":"invalid_request_error","param":"messages","code":"{{{how}}}"}}""")));
        await using var host = await HostAsync(server);
        await host.AddAsync("us", Enumerable.Range(0, 10).SelectMany(i => Topic($"us{i:00}", 6)));

        var answer = await host.RebuildAsync();

        Assert.Equal((10L, 0L, 7L), (Count(answer, "named"), Count(answer, "failed"), Count(answer, "requests")));
        Assert.Equal([10, 5, 2, 3, 5, 2, 3], server.Requests.Select(request => GroupsOf(request).Count));
    }

    [Fact]
    public async Task RunAsync_FilterStrikesAtOneCluster_NamesTheOthers()
    {
        await using var server = await ChatServer.StartAsync(
            Wire.OpenAI,
            request => Answer(request, topic => $"Fine {topic}"),
            async request => request.User.Contains("us03 ", StringComparison.Ordinal) && await request.CompleteAsync("", finishReason: "content_filter"));
        await using var host = await HostAsync(server);
        await host.AddAsync("us", Enumerable.Range(0, 8).SelectMany(i => Topic($"us{i:00}", 6)));

        var answer = await host.RebuildAsync();

        Assert.Equal((7L, 1L, 7L), (Count(answer, "named"), Count(answer, "failed"), Count(answer, "requests")));
        Assert.Contains("content filter", (string?)answer.Body["errors"]![0]!["error"], StringComparison.Ordinal);
        Assert.Equal("words", await host.Jobs.QueryAsync<string>("select extras #>> '{audit,labelSource}' from concept_clusters where members[1] like 'us03 %'"));
    }

    [Fact]
    public async Task RunAsync_CapOfTheDay_LeavesTheOtherNamesToTheNextDay()
    {
        const long cap = 4_500;
        await using var server = await ChatServer.StartAsync(Wire.OpenAI, request => Answer(request, topic => $"Fine {topic}"));
        await using var host = await HostAsync(server, ("Clusters:MaxTokensPerDay", $"{cap}"), ("Chat:MaxConcurrency", "1"));
        await host.AddAsync("us", Enumerable.Range(0, 125).SelectMany(i => Topic($"us{i:000}", 6)));
        await host.AddAsync("uk", Enumerable.Range(0, 25).SelectMany(i => Topic($"uk{i:000}", 6)));

        var first = await host.RebuildAsync();
        var again = await host.RebuildAsync();

        var named = Count(first, "named");
        Assert.Equal(("partial", "cap", 150L, 0L), (first.Status, (string?)first.Body["stopReason"], Count(first, "clusters"), Count(first, "failed")));
        Assert.InRange(named, 20, 130);
        Assert.Equal(150 - named, Count(first, "remaining"));
        Assert.StartsWith($"{150 - named} clusters keep", (string?)first.Body["message"], StringComparison.Ordinal);
        Assert.Equal(("partial", "cap", 0L, 150 - named), (again.Status, (string?)again.Body["stopReason"], Count(again, "named"), Count(again, "remaining")));
        Assert.Equal(Count(first, "requests"), server.Requests.Count);
        Assert.InRange(await host.Jobs.QueryAsync<long>("select tokens from lexyhub_jobs.cluster_usage"), 1, cap);
        Assert.Equal(150 - named, await host.Jobs.QueryAsync<long>("select count(*) from concept_clusters where extras #>> '{audit,labelSource}' = 'words'"));

        host.Time.Advance(TimeSpan.FromDays(1));
        var next = await host.RebuildAsync();
        Assert.InRange(Count(next, "named"), 20, 150 - named);
        Assert.Equal(150 - named, Count(next, "named") + Count(next, "remaining"));
    }

    [Fact]
    public async Task RunAsync_BudgetEndsBetweenTwoAnswers_CountsWhatWasPaidFor()
    {
        ClusterHost? host = null;
        await using var server = await ChatServer.StartAsync(
            Wire.OpenAI,
            request => Answer(request, topic => $"Fine {topic}"),
            async request =>
            {
                if (request.Number == 0)
                {
                    return await request.CompleteAsync("{\"groups\":[", finishReason: "length");
                }

                if (request.Number != 2)
                {
                    return false;
                }

                var gone = new TaskCompletionSource();
                request.Http.RequestAborted.Register(gone.SetResult);
                host!.Time.Advance(TimeSpan.FromSeconds(201));
                await gone.Task;
                return true;
            });

        // A try may take longer than the budget: it is the budget that ends it.
        await using var host1 = host = await HostAsync(server, ("Chat:StopGrace", "00:00:00"), ("Chat:RequestTimeout", "00:05:00"));
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);

        var stopped = await host.Jobs.RunAsync(new RunRequest(JobCatalog.RebuildClusters, RunTrigger.Http));

        Assert.Equal(("partial", "time"), (stopped.Status, (string?)stopped.Body["stopReason"]));
        Assert.Equal(2, await host.Jobs.QueryAsync<long>("select requests from lexyhub_jobs.cluster_usage"));
        Assert.InRange(
            await host.Jobs.QueryAsync<long>("select tokens from lexyhub_jobs.cluster_usage"),
            server.Requests[0].InputTokens + server.Requests[1].InputTokens,
            long.MaxValue);
        Assert.Equal(2, Count(await host.RebuildAsync(), "named"));
    }

    private static JsonArray GroupsOf(ChatRequest request) => JsonNode.Parse(request.User)!["groups"]!.AsArray();

    private static string Answer(ChatRequest request, Func<string, string> label) => JsonSerializer.Serialize(new
    {
        groups = GroupsOf(request).Select(group => new
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
