using LexyHub.Core.Data;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Data;

[Collection(VectorPostgresCollection.Name)]
public sealed class MigratorVectorTests(VectorPostgres postgres)
{
    private const string Older = """
        create extension vector;
        create table public.embeddings (term_hash text primary key, term text not null, embedding vector(3072), model text);
        create table public.concept_clusters (id uuid primary key default gen_random_uuid(), centroid_vector vector(3072) not null,
            label text not null, members text[]);
        insert into public.embeddings values ('00', 'gold', array_fill(0.5::real, array[3072])::vector, 'm-deterministic-fallback');
        insert into public.concept_clusters (centroid_vector, label) values (array_fill(0.5::real, array[3072])::vector, 'gold');
        """;

    [Fact]
    public async Task ApplyAsync_EmptyDatabase_MakesBothSets()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var host = new CoreHost(database);

        var report = await host.Migrator.ApplyAsync([], CancellationToken.None);

        Assert.Equal(Migrator.ScriptNames(), report.Applied);
        Assert.Equal(
            ["concept_clusters vector(3072) true", "embeddings vector(3072) true"],
            await Sql.RowsAsync(database, """
                select c.relname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || c.relrowsecurity
                from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attname in ('embedding', 'centroid_vector') order by 1
                """));
        Assert.Empty((await host.Migrator.ApplyAsync([], CancellationToken.None)).Applied);
        Assert.True(await host.Health.IsHealthyAsync(CancellationToken.None));
    }

    [Fact]
    public async Task ApplyAsync_LexyHubDatabase_AddsOnlyWhatItsVectorTablesLack()
    {
        var database = await postgres.CreateDatabaseAsync();
        await Sql.ExecuteAsync(database, LexyHubSchemas.Newer + Older);
        var before = await PublicSnapshot.TakeAsync(database);
        await using var host = new CoreHost(database);

        await host.Migrator.ApplyAsync([], CancellationToken.None);

        var added = (await PublicSnapshot.TakeAsync(database, before)).AssertOnlyAddedTo(before);
        Assert.Equal(
            [
                "concept_clusters.created_at", "concept_clusters.description", "concept_clusters.extras", "concept_clusters.updated_at",
                "embeddings.created_at",
            ],
            added.Where(line => line.StartsWith("column ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).Order());
        Assert.DoesNotContain(added, line => line.Split(' ')[0] is "table" or "constraint" or "policy" or "function");
    }
}
