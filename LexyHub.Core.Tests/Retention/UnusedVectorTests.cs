using LexyHub.Core.Data;
using LexyHub.Core.Retention;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Retention;

[Collection(VectorPostgresCollection.Name)]
public sealed class UnusedVectorTests(VectorPostgres postgres)
{
    private const string RowsSql = """
        insert into lexyhub_jobs.keyword_terms (keyword_id, term) values (gen_random_uuid(), 'gold hoops');
        insert into embeddings (term_hash, term, model, created_at, embedding)
        select term, term, 'm', now() - age::interval, array_fill(1, array[3072])::vector
        from (values ('gold hoops', '900 days'), (' Gold  HOOPS', '900 days'), ('unused', '366 days'), ('unused too', '900 days'), ('unused yet', '364 days')) as v (term, age)
        """;

    private const string RebuildsSql = """
        insert into lexyhub_jobs.cluster_rebuilds (id, settings, state, started_at)
        select ('00000000-0000-0000-0000-00000000000' || i)::uuid, '', '{}', now() - i * interval '20 hours' from generate_series(1, 3) i;
        insert into lexyhub_jobs.cluster_rebuild_vectors (rebuild_id, market, page, terms, vectors)
        select id, 'us', page, '{}', '' from lexyhub_jobs.cluster_rebuilds, generate_series(1, 2) page;
        insert into lexyhub_jobs.cluster_rebuild_members (rebuild_id, number, market, term, similarity, rank)
        select id, 1, 'us', 'a', 1, 1 from lexyhub_jobs.cluster_rebuilds
        """;

    [Fact]
    public async Task PruneAsync_TermsThatNoKeywordHas_LoseTheirOldVectors()
    {
        await using var host = await HostAsync();

        var results = await PruneAsync(host);

        Assert.Equal(2, results.Single(result => result.Name == "unused-vectors").Rows);
        Assert.Equal(" Gold  HOOPS,gold hoops,unused yet", await host.QueryAsync<string>("select string_agg(term, ',' order by term collate \"C\") from embeddings"));
    }

    [Theory]
    [InlineData("insert into lexyhub_jobs.keyword_terms (keyword_id) values (gen_random_uuid())")]
    [InlineData("""insert into lexyhub_jobs.job_state (name, value) values ('keyword-triggers', '"denied"')""")]
    public async Task PruneAsync_KeywordsAreNotAllKnown_RemovesNone(string sql)
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(sql);

        await PruneAsync(host);

        Assert.Equal(5, await host.QueryAsync<long>("select count(*) from embeddings"));
    }

    [Fact]
    public async Task PruneAsync_RebuildOfClustersThatWasNotFinishedWithinADay_GoesWhole()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(RebuildsSql);

        var results = await PruneAsync(host);

        Assert.Equal(2, results.Single(result => result.Name == "checkpoints").Rows);
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.cluster_rebuilds"));
        Assert.Equal(2, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.cluster_rebuild_vectors"));
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.cluster_rebuild_members"));
    }

    [Fact]
    public async Task PruneAsync_RebuildClustersRuns_LeavesWhatItMayBeGoingOnWith()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(RebuildsSql + """
            ;
            insert into lexyhub_jobs.job_leases (job, run_id, expires_at) values ('rebuild-clusters', gen_random_uuid(), now() + interval '1 hour')
            """);

        var results = await PruneAsync(host);

        Assert.Equal(0, results.Single(result => result.Name == "checkpoints").Rows);
        Assert.Equal(3, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.cluster_rebuilds"));
    }

    private static Task<IReadOnlyList<RetentionResult>> PruneAsync(JobHost host)
        => host.Services.GetRequiredService<RetentionPruner>().PruneAsync(isDryRun: false, null, CancellationToken.None);

    private async Task<JobHost> HostAsync()
    {
        var host = JobHost.Create(await postgres.CreateDatabaseAsync());
        await host.Services.GetRequiredService<Migrator>().ApplyAsync([], CancellationToken.None);
        await host.ExecuteAsync(RowsSql);
        return host;
    }
}
