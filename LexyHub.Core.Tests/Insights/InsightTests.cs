using System.Text.Json.Nodes;
using LexyHub.Core.Tests.Dashboard;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Insights;

/// <summary>The figures behind the page, against what the database is known to hold.</summary>
[Collection(DashboardCollection.Name)]
public sealed class InsightTests(DashboardSite site)
{
    [Fact]
    public async Task Trends_EachOrder_IsThatOfTheDatabase()
    {
        var rising = await site.GetAsync("insights/trends?limit=5");
        var falling = await site.GetAsync("insights/trends?limit=5&order=falling");
        var surging = await site.GetAsync("insights/trends?limit=200&order=surging");

        Assert.Equal(await TermsAsync("order by momentum desc, term limit 5"), Terms(rising));
        Assert.Equal(await TermsAsync("order by expected_growth_30d, term limit 5"), Terms(falling));
        Assert.Equal(await TermsAsync("and surge order by momentum desc, term"), Terms(surging));
        Assert.Equal((await Sql.ValueAsync(site.Database, "select count(*) from lexyhub_jobs.term_trends where momentum > 0"), Terms(surging).Count), ($"{rising["moving"]}", (int)rising["surging"]!));
    }

    [Fact]
    public async Task Trends_OneTerm_HasAllItsSourcesDayByDay()
    {
        var term = (await site.GetAsync("insights/trends?term=%20GOLD%20hoop%20apron&days=30"))["terms"]!.AsArray().Single()!;

        Assert.Equal(["google-trends", "pinterest"], term["series"]!.AsArray().Select(series => (string)series!["source"]!));
        Assert.Equal([30, 4], term["series"]!.AsArray().Select(series => series!["days"]!.AsArray().Count));
        Assert.Equal(
            await Sql.ValueAsync(site.Database, "select trend_score::text from trend_series where term = 'gold hoop apron' and source = 'google-trends' order by recorded_on desc limit 1"),
            $"{term["series"]![0]!["scores"]!.AsArray()[^1]}");
        Assert.Empty((await site.GetAsync("insights/trends?term=unknown"))["terms"]!.AsArray());
        Assert.All(Terms(await site.GetAsync("insights/trends?search=Soap%20Dish")), found => Assert.Contains("soap dish", found, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Coverage_HaveMissingAndQuarantined_AddUp()
    {
        var coverage = await site.GetAsync("insights/coverage");

        Assert.Equal("""{"total":640,"have":596,"missing":37,"quarantined":7,"givenUp":7}""", coverage["keywords"]!.ToJsonString());
        Assert.Equal("""{"total":240,"have":180,"missing":60,"quarantined":0,"givenUp":0}""", coverage["listings"]!.ToJsonString());
        Assert.Equal("text-embedding-3-large", (string)coverage["model"]!);
        Assert.Contains("No model provider is configured", (string)coverage["problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Intents_Distribution_CountsKeywordsAndListingsOnce()
    {
        var intents = await site.GetAsync("insights/intents");

        Assert.Equal("""{"total":640,"classified":610,"quarantined":0}""", intents["keywords"]!.ToJsonString());
        foreach (var dimension in new[] { "intents", "purchaseStages", "models" })
        {
            Assert.Equal((610, 240), (Sum(dimension, "keywords"), Sum(dimension, "listings")));
        }

        int Sum(string dimension, string kind) => intents[dimension]!.AsArray().Sum(count => (int)count![kind]!);
    }

    [Fact]
    public async Task Clusters_PageAfterPage_ShowsEachOnceLargestFirst()
    {
        var seen = new List<(string Id, int Members)>();
        for (var next = ""; next is not null;)
        {
            var page = await site.GetAsync($"insights/clusters?limit=200&search=gold%20hoop{(next.Length > 0 ? $"&before={next}" : "")}");
            seen.AddRange(page["clusters"]!.AsArray().Select(cluster => ((string)cluster!["id"]!, (int)cluster["memberCount"]!)));
            next = (string?)page["next"];
        }

        Assert.Equal(await Sql.ValueAsync(site.Database, "select count(*) from concept_clusters where label like '%gold hoop%'"), $"{seen.DistinctBy(cluster => cluster.Id).Count()}");
        Assert.Equal(seen.Select(cluster => cluster.Members).OrderDescending(), seen.Select(cluster => cluster.Members));
        Assert.Equal(5_000, (await site.GetAsync("insights/clusters/map"))["clusters"]!.AsArray().Count);
    }

    [Fact]
    public async Task Cluster_LexyHubsOwn_ShowsTheMembersThatItsRowNames()
    {
        await Sql.ExecuteAsync(site.Database, """
            insert into concept_clusters (id, centroid_vector, label, members, extras)
            values ('00000000-0000-0000-0001-000000000001', array_fill(0.1, array[3072])::vector, 'Older', array['gold hoop apron', 'unknown term'], '[]')
            """);
        try
        {
            var cluster = await site.GetAsync("insights/clusters/00000000-0000-0000-0001-000000000001");

            Assert.Equal(2, (int)cluster["memberCount"]!);
            Assert.Equal(["gold hoop apron", "unknown term"], cluster["members"]!.AsArray().Select(member => (string)member!["term"]!));
            Assert.Null(cluster["x"]);
            Assert.Equal(1, (int)(await site.GetAsync("insights/clusters/map"))["withoutPlace"]!);
        }
        finally
        {
            await Sql.ExecuteAsync(site.Database, "delete from concept_clusters where label = 'Older'");
        }
    }

    [Fact]
    public async Task Usage_EveryDay_IsThereAlsoWithoutACall()
    {
        var usage = await site.GetAsync("insights/usage?days=30");

        Assert.Equal(30, usage["days"]!.AsArray().Count);
        Assert.Equal(2, usage["days"]!.AsArray().Count(day => (long)day!["tokens"]! == 0));
        Assert.Equal(["embed-missing", "intent-classify", "rebuild-clusters"], usage["models"]!.AsArray().Select(model => (string)model!["job"]!).Order());
        Assert.Equal(
            await Sql.ValueAsync(site.Database, """
                select (select sum(tokens) from lexyhub_jobs.embedding_usage) + (select sum(input_tokens + output_tokens) from lexyhub_jobs.intent_usage)
                    + (select sum(tokens) from lexyhub_jobs.cluster_usage)
                """),
            $"{usage["tokens"]}");
        Assert.Equal((decimal)usage["estimatedCostUsd"]!, usage["days"]!.AsArray().Sum(day => (decimal)day!["estimatedCostUsd"]!));
    }

    private async Task<IReadOnlyList<string>> TermsAsync(string rest)
        => await Sql.RowsAsync(site.Database, $"select term from lexyhub_jobs.term_trends where momentum > 0 {rest}");

    private static List<string> Terms(JsonNode trends) => [.. trends["terms"]!.AsArray().Select(term => (string)term!["term"]!)];
}
