using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using static LexyHub.Core.Tests.Clusters.ClusterHost;

namespace LexyHub.Core.Tests.Clusters;

/// <summary>Keywords come and go while a rebuild is under way, and while its clusters take the place of those of before.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class ClusterSwapTests(VectorPostgres postgres)
{
    private const string LineageSql = """
        select coalesce(string_agg(concat_ws(' ', l.kind, l.label, l.shared_members, c.label), ', ' order by l.recorded_at, l.kind, l.label), '')
        from lexyhub_jobs.cluster_lineage l left join concept_clusters c on c.id = l.other_id
        """;

    private const string LabelsSql = "select coalesce(string_agg(label, ', ' order by label), '') from concept_clusters";

    [Theory]
    [InlineData("delete from keywords where term ~ '^(wool|fern)'", "describing")]
    [InlineData("delete from keywords where term ~ '^(wool|fern)'", "swapping")]
    [InlineData("delete from embeddings where term ~ '^(wool|fern)'", "describing")]
    public async Task RunAsync_AllOfAClusterGoesAfterTheMatching_RecordsThatItRetiredOrNothing(string sql, string stage)
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);
        await host.RebuildAsync();
        await host.AddAsync("us", Topic("fern", 6));
        await host.RebuildUntilAsync(stage);
        await host.Jobs.ExecuteAsync(sql);

        var answer = await host.RebuildAsync();

        Assert.Equal((0L, 1L, 1L), (Count(answer, "created"), Count(answer, "kept"), Count(answer, "retired")));
        Assert.Equal("gold", await host.Jobs.QueryAsync<string>(LabelsSql));
        Assert.Equal("born gold 0, born wool 0, retired wool 0", await host.Jobs.QueryAsync<string>(LineageSql));
        Assert.Equal("us", await host.Jobs.QueryAsync<string>("select market from lexyhub_jobs.cluster_lineage where kind = 'retired'"));
    }

    [Fact]
    public async Task RunAsync_ClusterGoesIntoOneThatGoesItself_RecordsThatBothRetired()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", [.. Topic("gold", 8), .. Topic("wool", 6), .. Topic("fern", 6)]);
        await host.RebuildAsync();
        await host.Jobs.ExecuteAsync("""
            update embeddings set embedding = (select embedding from embeddings where term = 'gold 00') where term ~ '^(gold|wool)'
            """);
        await host.RebuildUntilAsync("swapping");
        await host.Jobs.ExecuteAsync("delete from keywords where term ~ '^(gold|wool)'");

        Assert.Equal(2, Count(await host.RebuildAsync(), "retired"));

        Assert.Equal("born fern 0, born gold 0, born wool 0, retired gold 0, retired wool 0", await host.Jobs.QueryAsync<string>(LineageSql));
    }

    [Fact]
    public async Task RunAsync_LineageOfLongAgo_IsForgottenAfter400Days()
    {
        await using var host = await CreateAsync(postgres, new Dictionary<string, string?> { ["Providers:Mode"] = "local", ["Retention:Enabled"] = "false" });
        await host.Jobs.ExecuteAsync($"""
            insert into lexyhub_jobs.cluster_lineage (run_id, cluster_id, kind, shared_members, market, label, recorded_at)
            select gen_random_uuid(), gen_random_uuid(), 'born', 0, 'us', age, timestamptz '{host.Time.GetUtcNow():O}' - age::interval
            from unnest(array['399 days', '401 days']) age
            """);
        await host.AddAsync("us", Topic("gold", 6));

        await host.RebuildAsync();

        Assert.Equal("born 399 days 0, born gold 0", await host.Jobs.QueryAsync<string>(LineageSql));
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("0")]
    public async Task RunAsync_NoKeywordIsThereAnyMore_LeavesTheClustersAsTheyAre(string coverage)
    {
        await using var host = await CreateAsync(postgres, new Dictionary<string, string?> { ["Providers:Mode"] = "local", ["Clusters:MinCoverage"] = coverage });
        await host.AddAsync("us", [.. Topic("gold", 6), .. Topic("wool", 6)]);
        await host.RebuildAsync();
        var before = await host.Jobs.QueryAsync<string>(LabelsSql);
        await host.Jobs.ExecuteAsync("truncate keywords cascade");

        var answer = await host.RebuildAsync();

        Assert.Equal((202, RunStatus.Skipped), (answer.StatusCode, answer.Status));
        Assert.Contains("No keyword has a vector", (string?)answer.Body["message"], StringComparison.Ordinal);
        Assert.Equal(before, await host.Jobs.QueryAsync<string>(LabelsSql));
    }

    [Fact]
    public async Task RunAsync_NoKeywordIsThereAtTheSwap_LeavesTheClustersAsTheyAre()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));
        await host.RebuildAsync();
        await host.RebuildUntilAsync("swapping");
        await host.Jobs.ExecuteAsync("truncate keywords cascade");

        var answer = await host.RebuildAsync();

        Assert.Equal((202, RunStatus.Skipped), (answer.StatusCode, answer.Status));
        Assert.Contains("gone", (string?)answer.Body["message"], StringComparison.Ordinal);
        Assert.Equal("gold 0", await host.Jobs.QueryAsync<string>(
            "select label || ' ' || (select count(*) from lexyhub_jobs.cluster_rebuilds) from concept_clusters"));
    }

    [Fact]
    public async Task RunAsync_KeywordsComeAndGoDuringTheSwap_AreNoMembersAndAreDue()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 6));

        // Between the statements that read keywords and those that write members.
        await host.Jobs.ExecuteAsync("""
            create function come_and_go() returns trigger language plpgsql as $body$
            begin
                delete from keywords where term = 'gold 01';
                insert into keywords (term, source) values ('gold 02', 'etsy');
                update lexyhub_jobs.keyword_terms set term = 'gold 02', source_term = 'gold 02' where term is null;
                return null;
            end
            $body$;
            create trigger come_and_go after insert on concept_clusters for each statement execute function come_and_go();
            """);

        var answer = await host.RebuildAsync();

        Assert.Equal(6, Count(answer, "members"));
        Assert.Equal("gold 00,gold 02,gold 02,gold 03,gold 04,gold 05", await host.Jobs.QueryAsync<string>(
            "select string_agg(term, ',' order by term) from lexyhub_jobs.cluster_members"));
        Assert.Equal(0, await host.Jobs.QueryAsync<long>("select count(*) from lexyhub_jobs.cluster_due_terms"));
    }
}
