using LexyHub.Core.Clusters;
using LexyHub.Core.Data;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Clusters;

[Collection(VectorPostgresCollection.Name)]
public sealed class SnapshotStoreTests(VectorPostgres postgres)
{
    [Fact]
    public async Task ReadAsync_PagesInTheOrderOfAnotherCollation_AreSortedByCodeUnit()
    {
        await using var host = JobHost.Create(await postgres.CreateDatabaseAsync());
        await host.Services.GetRequiredService<Migrator>().ApplyAsync([], CancellationToken.None);
        var id = Guid.NewGuid();
        await using (var connection = await host.DataSource.OpenConnectionAsync())
        {
            await SnapshotStore.WriteAsync(connection, id, 0, Page(("a-z", [3, 4]), ("ab", [0, 2])), 2, CancellationToken.None);
            await SnapshotStore.WriteAsync(connection, id, 1, Page(("a c", [5, 0]), ("\u00e4b", [-1, 0]), ("b", [0, -3])), 2, CancellationToken.None);
        }

        var snapshot = await SnapshotStore.ReadAsync(host.DataSource, id, "us", 2, CancellationToken.None);

        Assert.Equal(["a c", "a-z", "ab", "b", "\u00e4b"], snapshot.Terms);
        Assert.Equal(snapshot.Terms, await SnapshotStore.ReadTermsAsync(host.DataSource, id, "us", CancellationToken.None));
        Assert.Equal([[1, 0], [0.6f, 0.8f], [0, 1], [0, -1], [-1, 0]], Enumerable.Range(0, 5).Select(row => snapshot.Vectors[row].ToArray()));
    }

    private static VectorPage Page(params (string Term, float[] Vector)[] rows) => new(
        [.. rows.Select((row, i) => new VectorTerm(row.Term, ["us"], i))], [.. rows.SelectMany(row => row.Vector)], 0, [], null);
}
