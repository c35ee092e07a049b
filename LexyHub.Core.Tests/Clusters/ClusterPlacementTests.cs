using LexyHub.Core.Tests.Infrastructure;
using static LexyHub.Core.Tests.Clusters.ClusterHost;

namespace LexyHub.Core.Tests.Clusters;

/// <summary>More new keywords than one batch of a thousand.</summary>
[Collection(VectorPostgresCollection.Name)]
public sealed class ClusterPlacementTests(VectorPostgres postgres)
{
    private const string DueSql = "select count(*) from lexyhub_jobs.cluster_due_terms";

    [Fact]
    public async Task EmbedMissing_MoreThanAThousandNearACluster_AllJoinIt()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("gold", 8));
        await host.RebuildAsync();
        await host.AddManyAsync("us", "gold", 1_100);

        Assert.Equal(1_100, Count(await host.EmbedAsync(), "clustered"));

        Assert.Equal("1108 1108 1108", await host.Jobs.QueryAsync<string>("""
            select cardinality(members) || ' ' || (extras #>> '{stats,memberCount}') || ' ' || (select count(*) from lexyhub_jobs.cluster_members) from concept_clusters
            """));
        Assert.Equal(0, await host.Jobs.QueryAsync<long>(DueSql));
    }

    [Fact]
    public async Task EmbedMissing_ManyOfAMarketWithoutClustersComeFirst_StopNoOtherAndStayDue()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddAsync("us", Topic("wool", 8));
        await host.RebuildAsync();
        await host.AddManyAsync("fr", "fern", 1_001);
        await host.AddAsync("uk", ["wool 90"]);

        Assert.Equal(2, Count(await host.AddAsync("us", ["wool 90", "wool 91"]), "clustered"));

        // One market has clusters for it and the other has not.
        Assert.Equal(1_002, await host.Jobs.QueryAsync<long>(DueSql));
        Assert.Equal("wool 90", await host.Jobs.QueryAsync<string>("select max(term) from lexyhub_jobs.cluster_due_terms"));
    }

    [Fact]
    public async Task EmbedMissing_ManyKeywordsWentBeforeTheirTermsWerePlaced_AreForgottenAndStopNoOther()
    {
        await using var host = await CreateAsync(postgres);
        await host.AddManyAsync("us", "fern", 1_100);
        await host.EmbedAsync();
        await host.Jobs.ExecuteAsync("""
            delete from keywords;
            insert into lexyhub_jobs.cluster_due_terms (term) values ('never embedded');
            """);
        Assert.Equal(1_101, await host.Jobs.QueryAsync<long>(DueSql));
        await host.AddAsync("us", Topic("wool", 8));

        await host.RebuildAsync();
        Assert.Equal(0, await host.Jobs.QueryAsync<long>(DueSql));

        await host.Jobs.ExecuteAsync("insert into lexyhub_jobs.cluster_due_terms (term) values ('never embedded')");
        Assert.Equal(1, Count(await host.AddAsync("us", ["wool 90"]), "clustered"));
        Assert.Equal(0, await host.Jobs.QueryAsync<long>(DueSql));
    }
}
