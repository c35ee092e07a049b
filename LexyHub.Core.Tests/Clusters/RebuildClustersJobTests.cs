using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using static LexyHub.Core.Tests.Clusters.ClusterHost;

namespace LexyHub.Core.Tests.Clusters;

[Collection(VectorPostgresCollection.Name)]
public sealed partial class RebuildClustersJobTests(VectorPostgres postgres)
{
    private const string ScratchSql = """
        select (select count(*) from lexyhub_jobs.cluster_rebuilds) + (select count(*) from lexyhub_jobs.cluster_rebuild_vectors)
            + (select count(*) from lexyhub_jobs.cluster_rebuild_markets) + (select count(*) from lexyhub_jobs.cluster_rebuild_members)
            + (select count(*) from lexyhub_jobs.cluster_rebuild_clusters) + (select count(*) from lexyhub_jobs.cluster_rebuild_lineage)
        """;

    [Fact]
    public async Task RunAsync_ThreeTopics_MakesAClusterOfEachWithAllThatReadersLookFor()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 6), .. Topic("oak", 5), "odd one"]);
        await host.Jobs.ExecuteAsync("""
            update keywords set trend_momentum = 0.5, extras = '{"intent": "purchase"}' where term like 'gold%';
            update keywords set trend_momentum = 0.8, extras = '{"intent": "inspiration"}' where term = 'gold 01';
            """);

        var answer = await host.RebuildAsync();

        Assert.Equal(
            ("succeeded", 20L, 3L, 19L, 1L, 3L, 0L, 0L),
            (answer.Status, Count(answer, "processed"), Count(answer, "clusters"), Count(answer, "members"), Count(answer, "outliers"),
                Count(answer, "created"), Count(answer, "kept"), Count(answer, "retired")));
        Assert.Equal(
            string.Join(" / ", ((string[])["gold", "oak", "wool"]).Select((topic, i) => string.Join(",", Topic(topic, (int[])[8, 5, 6] is var n ? n[i] : 0).Select(term => $"us:{term}")))),
            await host.MembersAsync());

        var gold = JsonNode.Parse(await host.Jobs.QueryAsync<string>("select extras::text from concept_clusters where members @> '{gold 03}'"))!;
        Assert.Equal((8, 0.538, "purchase", 7), ((int)gold["stats"]!["memberCount"]!, (double)gold["stats"]!["averageMomentum"]!, (string?)gold["stats"]!["dominantIntent"], (int)gold["stats"]!["intents"]!["purchase"]!));
        Assert.Equal(("us", 5), ((string?)gold["market"], gold["exemplars"]!.AsArray().Count));
        Assert.InRange((double)gold["cohesion"]!, 0.85, 0.95);
        Assert.InRange((double)gold["confidence"]!, 0.99, 1.0);
        Assert.InRange((double)gold["map"]!["x"]!, -1, 1);
        Assert.Equal(("rebuild-clusters", "words", answer.RunId.ToString()), ((string?)gold["audit"]!["job"], (string?)gold["audit"]!["labelSource"], (string?)gold["audit"]!["runId"]));
        Assert.Equal("gold", await host.Jobs.QueryAsync<string>("select label from concept_clusters where members @> '{gold 03}'"));
        Assert.Equal(0, await host.Jobs.QueryAsync<long>(ScratchSql));
    }

    [Fact]
    public async Task RunAsync_Centroid_IsTheMiddleOfTheMembersInAllDimensions()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));
        await host.RebuildAsync();

        Assert.Equal(1, await host.Jobs.QueryAsync<double>("""
            select round((1 - (c.centroid_vector <=> (select avg(l2_normalize(embedding)) from embeddings)))::numeric, 6)::float8 from concept_clusters c
            """));
        Assert.Equal(6, await host.Jobs.QueryAsync<long>("""
            select count(*) from lexyhub_jobs.cluster_members m
            join concept_clusters c on c.id = m.cluster_id join embeddings e on e.term = m.term
            where abs(m.similarity - (1 - (e.embedding <=> c.centroid_vector))) < 1e-5
                and m.rank = (select count(*) from lexyhub_jobs.cluster_members o where o.similarity >= m.similarity)
                and c.members[m.rank] = m.term
            """));
    }

    [Fact]
    public async Task RunAsync_SameDataAgain_CreatesAndRetiresNothing()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 7), .. Topic("wool", 6), .. Topic("oak", 5)]);
        await host.AddAsync("uk", [.. Topic("gold", 6), .. Topic("fern", 6)]);
        await host.RebuildAsync();
        var before = await host.DumpAsync();
        await host.Jobs.ExecuteAsync("update concept_clusters set extras = extras || '{\"pinned\": true}' where label = 'wool'");

        host.Time.Advance(TimeSpan.FromDays(1));
        var answer = await host.RebuildAsync();

        Assert.Equal((0L, 5L, 0L), (Count(answer, "created"), Count(answer, "kept"), Count(answer, "retired")));
        Assert.True(await host.Jobs.QueryAsync<bool>("select (extras ->> 'pinned')::boolean from concept_clusters where label = 'wool'"));

        // Places on the map follow the centroids, which a warm start may move in their last digits.
        Assert.Equal(Map().Replace(before, ""), Map().Replace((await host.DumpAsync()).Replace("\"pinned\": true, ", "", StringComparison.Ordinal), ""));
    }

    [Fact]
    public async Task RunAsync_NewKeywords_LeaveTheOthersTheirClusterAndItsName()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);
        await host.RebuildAsync();
        var before = await host.Jobs.QueryAsync<string>("select string_agg(id || label, ',' order by id) from concept_clusters");

        await host.AddAsync("us", [.. Topic("gold", 1, 50), .. Topic("fern", 6)]);
        var answer = await host.RebuildAsync();

        Assert.Equal((1L, 2L, 0L), (Count(answer, "created"), Count(answer, "kept"), Count(answer, "retired")));
        Assert.Equal(before, await host.Jobs.QueryAsync<string>("select string_agg(id || label, ',' order by id) from concept_clusters where label <> 'fern'"));
        Assert.Equal("born", await host.Jobs.QueryAsync<string>("select kind from lexyhub_jobs.cluster_lineage where label = 'fern'"));
    }

    [Fact]
    public async Task RunAsync_TopicGone_RetiresItsClusterAndLeavesNothingOfIt()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);
        await host.RebuildAsync();
        await host.Jobs.ExecuteAsync("delete from keywords where term like 'wool%'");
        Assert.Equal(0, await host.Jobs.QueryAsync<long>("select count(*) from lexyhub_jobs.cluster_members where term like 'wool%'"));

        var answer = await host.RebuildAsync();

        Assert.Equal((0L, 1L, 1L), (Count(answer, "created"), Count(answer, "kept"), Count(answer, "retired")));
        Assert.Equal("1 1", await host.Jobs.QueryAsync<string>("select (select count(*) from concept_clusters) || ' ' || (select count(*) from lexyhub_jobs.cluster_facts)"));
        Assert.Equal("retired wool", await host.Jobs.QueryAsync<string>("select kind || ' ' || label from lexyhub_jobs.cluster_lineage where kind <> 'born'"));
    }

    [Fact]
    public async Task RunAsync_TopicsBecomeOneAndTwoAgain_RecordsWhichWentIntoWhichAndCameOfIt()
    {
        const string lineageSql = """
            select string_agg(concat_ws(' ', l.kind, l.label, l.shared_members, (select c.label from concept_clusters c where c.id = l.other_id)), ', ' order by l.kind)
            from lexyhub_jobs.cluster_lineage l where l.kind <> 'born'
            """;
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 6)]);
        await host.RebuildAsync();
        await host.Jobs.ExecuteAsync("""
            create table apart as select term_hash, embedding from embeddings;
            update embeddings set embedding = (select embedding from apart order by term_hash limit 1);
            """);

        var merged = await host.RebuildAsync();

        Assert.Equal((1L, 0L, 1L, 1L), (Count(merged, "clusters"), Count(merged, "created"), Count(merged, "kept"), Count(merged, "retired")));
        Assert.Equal("merged wool 6 gold", await host.Jobs.QueryAsync<string>(lineageSql));

        await host.Jobs.ExecuteAsync("update embeddings e set embedding = a.embedding from apart a where a.term_hash = e.term_hash");
        var split = await host.RebuildAsync();

        Assert.Equal((2L, 1L, 1L, 0L), (Count(split, "clusters"), Count(split, "created"), Count(split, "kept"), Count(split, "retired")));
        Assert.Equal("merged wool 6 gold, split wool 6 gold", await host.Jobs.QueryAsync<string>(lineageSql));
    }

    [Fact]
    public async Task RunAsync_OneTopicGrew_WritesOnlyWhatChanged()
    {
        const string rowsSql = """
            select (select string_agg(term || m.xmin::text, ',' order by term) from lexyhub_jobs.cluster_members m where term like 'wool%')
                || (select f.xmin::text from lexyhub_jobs.cluster_facts f join concept_clusters c on c.id = f.cluster_id where c.label = 'wool')
            """;
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 6)]);
        await host.RebuildAsync();
        var before = await host.Jobs.QueryAsync<string>(rowsSql);
        await host.Jobs.ExecuteAsync("delete from keywords where term = 'gold 03'");

        Assert.Equal(13, Count(await host.RebuildAsync(), "members"));

        Assert.Equal(before, await host.Jobs.QueryAsync<string>(rowsSql));
    }

    [Fact]
    public async Task RunAsync_LeaseLostBeforeTheSwap_LeavesTheOldClustersWhole()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));
        await host.RebuildAsync();
        var before = await host.DumpAsync();
        await host.AddAsync("us", Topic("wool", 6));

        var answer = await host.RebuildAsync(report: progress =>
        {
            if (progress.Stage.StartsWith("placing", StringComparison.Ordinal))
            {
                using var command = host.Jobs.DataSource.CreateCommand("update lexyhub_jobs.job_leases set epoch = epoch + 1");
                command.ExecuteNonQuery();
            }
        });

        Assert.NotEqual(RunStatus.Succeeded, answer.Status);
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact]
    public async Task RunAsync_RowsOfLexyHub_AreMatchedByMembersAndKeepTheirNameElseRetired()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);
        await host.Jobs.ExecuteAsync("""
            insert into concept_clusters (id, centroid_vector, label, members, extras) values
                ('00000000-0000-0000-0000-000000000001', array_fill(0.5::real, array[3072])::vector, 'Shiny things', '{GOLD 00,gold  01,gold 02,gold 03,gold 04,gold 05}', '{"stats": {"views": 3}, "confidence": 0.7}'),
                ('00000000-0000-0000-0000-000000000002', array_fill(0.5::real, array[3072])::vector, 'Gone', '{tin 1,tin 2}', '[]')
            """);

        var answer = await host.RebuildAsync();

        Assert.Equal((1L, 1L, 1L), (Count(answer, "created"), Count(answer, "kept"), Count(answer, "retired")));
        Assert.Equal(
            "Shiny things 6 3 lexyhub us",
            await host.Jobs.QueryAsync<string>("""
                select concat_ws(' ', label, extras #>> '{stats,memberCount}', extras #>> '{stats,views}', extras #>> '{audit,labelSource}', extras ->> 'market')
                from concept_clusters where id = '00000000-0000-0000-0000-000000000001'
                """));
    }

    [Fact]
    public async Task RunAsync_BudgetOverAfterEachStep_EndsWithTheResultOfOneUnbrokenRun()
    {
        string[] terms = [.. Topic("gold", 9), .. Topic("wool", 7), .. Topic("oak", 5), .. Topic("fern", 6), "odd one", "odd two"];
        string unbroken;
        await using (var host = await CreateAsync(postgres))
        {
            await host.AddAsync("us", terms);
            await host.AddAsync("uk", terms.Take(12));
            await host.RebuildAsync();
            unbroken = await host.DumpAsync();
        }

        await using var broken = await CreateAsync(postgres);
        await broken.AddAsync("us", terms);
        await broken.AddAsync("uk", terms.Take(12));
        var stages = new HashSet<string>();
        JobAnswer answer;
        var calls = 0;
        do
        {
            answer = await broken.RebuildForAMomentAsync();
            stages.Add(((string?)answer.Body["message"] ?? "").Split('(', ')') is [_, var stage, ..] ? stage : "");
            Assert.True(++calls < 200, answer.Body.ToJsonString());
            if (answer.Status == RunStatus.Partial)
            {
                Assert.Equal("time", (string?)answer.Body["stopReason"]);
                Assert.Equal(0, await broken.Jobs.QueryAsync<long>("select count(*) from concept_clusters"));
            }
        }
        while (answer.Status == RunStatus.Partial);

        Assert.Equal(RunStatus.Succeeded, answer.Status);
        Assert.Superset(new HashSet<string> { "clustering", "matching", "describing", "labelling", "swapping" }, stages);
        Assert.Equal(unbroken, await broken.DumpAsync());
        Assert.Equal(0, await broken.Jobs.QueryAsync<long>(ScratchSql));
    }

    [Fact]
    public async Task RunAsync_RebuildUnderWayIsADayOldOrOfOtherSettings_BeginsAnew()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));
        const string id = "select id from lexyhub_jobs.cluster_rebuilds";
        await host.RebuildForAMomentAsync();
        var first = await host.Jobs.QueryAsync<Guid>(id);
        await host.RebuildForAMomentAsync();
        Assert.Equal(first, await host.Jobs.QueryAsync<Guid>(id));

        host.Time.Advance(TimeSpan.FromHours(24));
        await host.RebuildForAMomentAsync();
        var second = await host.Jobs.QueryAsync<Guid>(id);
        Assert.NotEqual(first, second);
        await AssertScratchIsOfAsync(host, second);

        host.Embeddings.Model = "text-embedding-3-large-2";
        await host.EmbedAsync();
        await host.RebuildForAMomentAsync();
        var third = await host.Jobs.QueryAsync<Guid>(id);
        Assert.NotEqual(second, third);
        await AssertScratchIsOfAsync(host, third);
    }

    [Fact]
    public async Task RunAsync_SwapFails_LeavesTheOldClustersWhole()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));
        await host.RebuildAsync();
        var before = await host.DumpAsync();
        await host.AddAsync("us", Topic("wool", 6));
        await host.Jobs.ExecuteAsync("alter table lexyhub_jobs.cluster_facts add constraint no_more check (market <> 'us') not valid");

        var answer = await host.RebuildAsync();

        Assert.NotEqual(200, answer.StatusCode);
        Assert.Equal(before, await host.DumpAsync());

        await host.Jobs.ExecuteAsync("alter table lexyhub_jobs.cluster_facts drop constraint no_more");
        Assert.Equal((1L, 1L), (Count(await host.RebuildAsync(), "created"), await host.Jobs.QueryAsync<long>("select count(*) from concept_clusters where label = 'wool'")));
    }

    private static async Task AssertScratchIsOfAsync(ClusterHost host, Guid rebuild)
        => Assert.Equal(0, await host.Jobs.QueryAsync<long>(string.Join(" + ", ((string[])["vectors", "markets", "members", "clusters", "lineage"]).Select(
            table => $"(select count(*) from lexyhub_jobs.cluster_rebuild_{table} where rebuild_id <> '{rebuild}')").Prepend("select 0"))));

    [GeneratedRegex("\"map\": \\{[^}]*\\}, ")]
    private static partial Regex Map();
}
