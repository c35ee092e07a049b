using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Pgvector;

namespace LexyHub.Core.Tests.Embeddings;

[Collection(VectorPostgresCollection.Name)]
public sealed class VectorIndexTests(VectorPostgres postgres)
{
    [Fact]
    public async Task CreateAsync_Over50Rows_IsWhatTheQueryOfNeighboursScans()
    {
        await using var host = await HostAsync();
        await FillAsync(host);

        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from pg_indexes where indexdef ilike '%hnsw%'"));
        Assert.Equal([FakeEmbeddingService.RealModel], await VectorIndex.ReadModelsAsync(host.DataSource, CancellationToken.None));
        Assert.True(await VectorIndex.CreateAsync(host.DataSource, FakeEmbeddingService.RealModel, concurrently: false, CancellationToken.None));
        Assert.False(await VectorIndex.CreateAsync(host.DataSource, FakeEmbeddingService.RealModel, concurrently: false, CancellationToken.None));

        Assert.Contains($"Index Scan using {VectorIndex.NameOf(FakeEmbeddingService.RealModel)}", await PlanAsync(host, FakeEmbeddingService.RealModel), StringComparison.Ordinal);
        Assert.DoesNotContain("hnsw", await PlanAsync(host, "another model"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAsync_ByIndexAndExactly_FindsTheSameNeighboursWithoutTheTermItself()
    {
        await using var host = await HostAsync();
        await FillAsync(host);
        await VectorIndex.CreateAsync(host.DataSource, FakeEmbeddingService.RealModel, concurrently: false, CancellationToken.None);
        var service = new FakeEmbeddingService();

        var byIndex = await SimilarTerms.FindAsync(host.DataSource, service, " TERM 1 ", 5, exact: false, CancellationToken.None);
        var exactly = await SimilarTerms.FindAsync(host.DataSource, service, "term 1", 5, exact: true, CancellationToken.None);

        Assert.Empty(service.Sent);
        Assert.Equal(5, exactly.Count);
        Assert.DoesNotContain(exactly, similar => similar.Term == "term 1");
        Assert.Equal(exactly.Select(similar => similar.CosineSimilarity).OrderDescending(), exactly.Select(similar => similar.CosineSimilarity));
        Assert.Equal(exactly[0].CosineSimilarity, byIndex[0].CosineSimilarity, 2);

        // "1 mret" has the same letters, and the fake makes the same vector of them.
        var other = await SimilarTerms.FindAsync(host.DataSource, service, "1 mret", 1, exact: true, CancellationToken.None);
        Assert.Equal(("term 1", 1.0), (other[0].Term, Math.Round(other[0].CosineSimilarity, 5)));
        Assert.Equal(["1 mret"], service.Sent);
    }

    private static async Task FillAsync(JobHost host)
    {
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 50) i");
        var answer = await host.RunAsync(new RunRequest(JobCatalog.EmbedMissing, RunTrigger.Cli));
        Assert.Equal(50, (long)answer.Body["processed"]!);
    }

    // Over 50 rows a sequential scan is cheaper: it is asked not to be taken.
    private static async Task<string> PlanAsync(JobHost host, string model)
    {
        await using var connection = await host.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var off = new NpgsqlCommand("set local enable_seqscan = off", connection))
        {
            await off.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand("explain " + SimilarTerms.NearestSql, connection);
        command.Parameters.AddWithValue("query", new Vector(FakeEmbeddingService.VectorOf("term 1")));
        command.Parameters.AddWithValue("model", model);
        command.Parameters.AddWithValue("count", 10);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }

    private async Task<JobHost> HostAsync()
    {
        var host = JobHost.Create(
            await postgres.CreateDatabaseAsync(),
            configure: services => services.Replace(ServiceDescriptor.Singleton<IEmbeddingServiceFactory>(new FakeEmbeddingService())));
        await host.Services.GetRequiredService<Migrator>().ApplyAsync([], CancellationToken.None);
        return host;
    }
}
