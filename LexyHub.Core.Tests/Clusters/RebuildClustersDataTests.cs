using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using static LexyHub.Core.Tests.Clusters.ClusterHost;

namespace LexyHub.Core.Tests.Clusters;

/// <summary>Data at its edges: each has an answer that is written down in docs/clusters.md.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class RebuildClustersDataTests(VectorPostgres postgres)
{
    [Fact]
    public async Task RunAsync_NoVector_SaysWhoMakesThem()
    {
        await using var host = await CreateAsync(postgres);
        await host.Jobs.ExecuteAsync("insert into keywords (term) values ('gold 1')");

        var answer = await host.RebuildAsync();

        Assert.Equal(("succeeded", 0L, 0L, 1L), (answer.Status, Count(answer, "processed"), Count(answer, "clusters"), Count(answer, "missing")));
        Assert.Contains("embed-missing", (string?)answer.Body["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_MarketWithOneKeyword_LeavesItUnclustered()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 5));
        await host.AddAsync("fr", ["gold 01"]);

        var answer = await host.RebuildAsync();

        Assert.Equal((6L, 1L, 5L, 1L), (Count(answer, "processed"), Count(answer, "clusters"), Count(answer, "members"), Count(answer, "outliers")));
        Assert.Equal(0.1667, (double)answer.Body["outlierShare"]!);
    }

    [Fact]
    public async Task RunAsync_AllVectorsEqual_MakesOneCluster()
    {
        await using var host = await CreateAsync(postgres);
        host.Embeddings.Same = host.Embeddings.VectorOf("gold");
        await host.AddAsync("us", [.. Topic("gold", 30), .. Topic("wool", 30)]);

        var answer = await host.RebuildAsync();

        Assert.Equal((1L, 60L, 0L), (Count(answer, "clusters"), Count(answer, "members"), Count(answer, "outliers")));
        Assert.Equal(1, await host.Jobs.QueryAsync<double>("select round((extras ->> 'cohesion')::numeric, 3)::float8 from concept_clusters"));
    }

    [Fact]
    public async Task RunAsync_RowsCameInAnotherOrder_GivesTheSameClusters()
    {
        // Hard to tell apart: seeds and ties decide.
        string[] terms = [.. ((string[])["gold", "wool", "Zinc", "oak"]).SelectMany(topic => Topic(topic, 40))];
        var inOrder = await DumpAsync(terms);

        Assert.Equal(inOrder, await DumpAsync([.. terms.Skip(70).Reverse()], [.. terms.Take(70).Reverse()]));

        async Task<string> DumpAsync(params string[][] insertions)
        {
            await using var host = await CreateAsync(postgres);
            host.Embeddings.Noise = 2;
            foreach (var insertion in insertions)
            {
                await host.AddAsync("us", insertion);
            }

            Assert.InRange(Count(await host.RebuildAsync(), "clusters"), 3, 100);
            return await host.DumpAsync();
        }
    }

    [Fact]
    public async Task RunAsync_OneClusterOfMoreThanAPage_HasAllOfThem()
    {
        await using var host = await CreateAsync(postgres, new Dictionary<string, string?> { ["Providers:Mode"] = "local", ["Clusters:TargetSize"] = "1000" });
        await host.AddManyAsync("us", "gold", 2_100);
        await host.AddAsync("us", Topic("wool", 6));

        var answer = await host.RebuildAsync();

        Assert.Equal((2_106L, 2L, 2_106L), (Count(answer, "processed"), Count(answer, "clusters"), Count(answer, "members")));
        Assert.Equal(2_100, await host.Jobs.QueryAsync<long>("""
            with gold as materialized (select avg(l2_normalize(embedding)) as centroid from embeddings where term like 'gold%')
            select count(distinct m.rank)
            from gold, lexyhub_jobs.cluster_members m
            join concept_clusters c on c.id = m.cluster_id and c.label = 'gold' and c.members[m.rank] = m.term
            join embeddings e on e.term = m.term
            where abs(m.similarity - (1 - (e.embedding <=> gold.centroid))) < 5e-5
            """));
    }

    [Fact]
    public async Task RunAsync_TermsThatAreOneInNormalForm_AreOneMemberOfManyKeywords()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 5));
        await host.AddAsync("us", ["GOLD 00", " gold  01"], "etsy");

        var answer = await host.RebuildAsync();

        Assert.Equal((7L, 7L), (Count(answer, "processed"), Count(answer, "members")));
        Assert.Equal("5 5 7", await host.Jobs.QueryAsync<string>("""
            select cardinality(members) || ' ' || (extras #>> '{stats,memberCount}') || ' ' || (select count(*) from lexyhub_jobs.cluster_members) from concept_clusters
            """));
        Assert.Equal(1, await host.Jobs.QueryAsync<long>("select count(distinct (rank, similarity)) from lexyhub_jobs.cluster_members where term = 'gold 00'"));
    }

    [Fact]
    public async Task RunAsync_VectorsOfTwoModels_TakesThoseOfTheCurrentOne()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));
        await host.Jobs.ExecuteAsync("""
            insert into keywords (term) values ('gold 90');
            insert into embeddings (term_hash, term, embedding, model)
            select encode(sha256(convert_to('other::gold 90', 'UTF8')), 'hex'), 'gold 90', embedding, 'other' from embeddings limit 1;
            update embeddings set model = model || '-deterministic-fallback' where term = 'gold 05';
            """);

        var answer = await host.RebuildAsync();

        Assert.Equal((5L, 2L), (Count(answer, "members"), Count(answer, "missing")));
    }

    [Fact]
    public async Task RunAsync_ModelChangedAndFewVectorsYet_LeavesTheClustersAsTheyAre()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 8));
        await host.RebuildAsync();
        var before = await host.DumpAsync();

        host.Embeddings.Model = "text-embedding-3-large-2";
        var waiting = await host.RebuildAsync();

        Assert.Equal((202, RunStatus.Skipped), (waiting.StatusCode, waiting.Status));
        Assert.Contains("embed-missing", (string?)waiting.Body["message"], StringComparison.Ordinal);
        Assert.Equal(before, await host.DumpAsync());

        await host.EmbedAsync();
        Assert.Equal((0L, 1L), (Count(await host.RebuildAsync(), "created"), await host.Jobs.QueryAsync<long>("select count(*) from concept_clusters")));
    }

    [Fact]
    public async Task RunAsync_ZeroVector_IsCountedNamedAndLeftOut()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));
        await host.Jobs.ExecuteAsync("update embeddings set embedding = array_fill(0::real, array[3072])::vector where term = 'gold 03'");

        var answer = await host.RebuildAsync();

        Assert.Equal(("partial", "failed-items", 5L, 1L), (answer.Status, (string?)answer.Body["stopReason"], Count(answer, "members"), Count(answer, "failed")));
        Assert.Equal("keyword gold 03", (string?)answer.Body["errors"]![0]!["item"]);
        Assert.Contains("length zero", (string?)answer.Body["errors"]![0]!["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'[1,2,3]'")]
    [InlineData("subvector(embedding, 1, 512)")]
    [InlineData("subvector(embedding, 1, 1536)")]
    public async Task RunAsync_VectorOfOtherWidthInAColumnOfAny_IsCountedNamedAndLeftOut(string vector)
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));
        await host.Jobs.ExecuteAsync($"""
            alter table embeddings alter column embedding type vector;
            update embeddings set embedding = {vector} where term = 'gold 03';
            """);

        var answer = await host.RebuildAsync();

        Assert.Equal(("partial", 5L, 1L), (answer.Status, Count(answer, "members"), Count(answer, "failed")));
        Assert.Equal("keyword gold 03", (string?)answer.Body["errors"]![0]!["item"]);
    }

    [Fact]
    public async Task RunAsync_Markets_NotesForHowManyTermsEachHasClustersEnough()
    {
        const string marketsSql = "select coalesce(string_agg(market || ' ' || terms, ', ' order by market), '') from lexyhub_jobs.cluster_markets";
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 6)]);
        await host.AddAsync("fr", ["or 01", "or 02"]);
        await host.RebuildAsync();
        Assert.Equal("fr 2, us 14", await host.Jobs.QueryAsync<string>(marketsSql));

        // Too little for a cluster more: it counts once it is one.
        await host.Jobs.ExecuteAsync("delete from keywords where market = 'fr'");
        await host.AddAsync("us", ["gold 50"]);
        await host.RebuildAsync();
        Assert.Equal("us 14", await host.Jobs.QueryAsync<string>(marketsSql));

        await host.AddAsync("us", Topic("fern", 14));
        Assert.Equal(1, Count(await host.RebuildAsync(), "created"));
        Assert.Equal("us 28", await host.Jobs.QueryAsync<string>(marketsSql));
    }

    [Fact]
    public async Task RunAsync_ColumnOfOtherWidth_SaysWhichSetting()
    {
        await using var host = await CreateAsync(postgres);
        await host.Jobs.ExecuteAsync("alter table concept_clusters alter column centroid_vector type vector(1536)");

        var answer = await host.RebuildAsync();

        Assert.Equal((500, "dimensions-mismatch"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Contains("centroid_vector", (string?)answer.Body["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmbedMissing_NewKeywordsNearACluster_JoinItWithoutARebuild()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 8)]);
        await host.RebuildAsync();

        await host.Jobs.ExecuteAsync("insert into keywords (term, source) values ('Gold 90', 'etsy')");
        var answer = await host.AddAsync("us", ["gold 90", "odd one"]);

        Assert.Equal(2, Count(answer, "clustered"));
        Assert.Equal("9 9 10", await host.Jobs.QueryAsync<string>("""
            select cardinality(members) || ' ' || (extras #>> '{stats,memberCount}') || ' '
                || (select count(*) from lexyhub_jobs.cluster_members m where m.cluster_id = c.id)
            from concept_clusters c where members @> '{gold 90}'
            """));
        Assert.Equal("1,2,3,4,5,6,7,8,9", await host.Jobs.QueryAsync<string>("""
            select string_agg(distinct rank::text, ',') from lexyhub_jobs.cluster_members where term like 'gold%'
            """));
        Assert.Equal(0, await host.Jobs.QueryAsync<long>("select count(*) from lexyhub_jobs.cluster_due_terms"));
        Assert.Equal(0, Count(await host.EmbedAsync(), "clustered"));
    }

    [Fact]
    public async Task EmbedMissing_ClustersOfAnotherModel_TakeNoNewKeyword()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 8));
        await host.RebuildAsync();
        host.Embeddings.Model = "text-embedding-3-large-2";

        Assert.Equal(0, Count(await host.AddAsync("us", ["gold 90"]), "clustered"));
        await host.RebuildAsync();
        Assert.Equal(1, Count(await host.AddAsync("us", ["gold 91"]), "clustered"));
    }

    [Fact]
    public async Task EmbedMissing_KeywordRenamed_LeavesItsClusterAndJoinsTheOther()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 8)]);
        await host.RebuildAsync();
        await host.Jobs.ExecuteAsync("update keywords set term = 'wool 99' where term = 'gold 03'");

        var answer = await host.EmbedAsync();

        Assert.Equal(1, Count(answer, "clustered"));
        Assert.Equal("7 9", await host.Jobs.QueryAsync<string>("""
            select count(*) filter (where term like 'gold%') || ' ' || count(*) filter (where term like 'wool%') from lexyhub_jobs.cluster_members
            """));
    }

    [Fact]
    public async Task EmbedMissing_KeywordOfAnotherMarketNow_LeavesItsClusterAndJoinsOneThere()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 8));
        await host.AddAsync("uk", Topic("gold", 8, 50));
        await host.RebuildAsync();
        await host.Jobs.ExecuteAsync("update keywords set market = 'uk' where term = 'gold 03'");
        Assert.Equal(0, await host.Jobs.QueryAsync<long>("select count(*) from lexyhub_jobs.cluster_members where term = 'gold 03'"));

        var answer = await host.EmbedAsync();

        Assert.Equal(1, Count(answer, "clustered"));
        Assert.Equal("uk true", await host.Jobs.QueryAsync<string>("""
            select m.market || ' ' || (c.members @> '{gold 50, gold 03}') from lexyhub_jobs.cluster_members m join concept_clusters c on c.id = m.cluster_id where term = 'gold 03'
            """));
    }

    [Fact]
    public async Task RunAsync_KeywordsCameAfterTheSnapshot_AreInTheNewClustersAtTheEnd()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 8)]);
        await host.RebuildAsync();
        await host.RebuildForAMomentAsync();
        Assert.Equal(1, Count(await host.AddAsync("us", ["wool 77"]), "clustered"));

        var answer = await host.RebuildAsync();

        Assert.Equal(16, Count(answer, "members"));
        Assert.Equal("wool 77 9", await host.Jobs.QueryAsync<string>("""
            select m.term || ' ' || cardinality(c.members) from lexyhub_jobs.cluster_members m join concept_clusters c on c.id = m.cluster_id where m.term = 'wool 77'
            """));
    }
}
