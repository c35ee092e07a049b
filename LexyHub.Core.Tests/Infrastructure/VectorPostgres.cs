using LexyHub.Core.Data.Embedded;
using Npgsql;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>
/// A PostgreSQL with pgvector, one for the whole test run. Use it as
/// <c>[Collection(VectorPostgresCollection.Name)] public sealed class EmbeddingStoreTests(VectorPostgres postgres)</c>.
/// It is the server of <c>LEXYHUB_TEST_DATABASE</c> where that is set, else an <see cref="EmbeddedPostgres"/> in memory, with
/// the limits that its summary names: never hold a transaction on one connection and query on another.
/// </summary>
public sealed class VectorPostgres : IAsyncLifetime
{
    // Extensions go first: their members cannot be dropped by themselves.
    private const string EmptySql = """
        do $$
        declare name text;
        begin
            for name in select extname from pg_extension where extname <> 'plpgsql' loop
                execute format('drop extension %I cascade', name);
            end loop;
            for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
                execute format('drop schema %I cascade', name);
            end loop;
            create schema public;
            grant usage on schema public to public;
        end $$
        """;

    private readonly List<string> created = [];
    private EmbeddedPostgres? embedded;

    /// <returns>
    /// The connection string of an empty database; <c>create extension vector</c> works there. Ask for one at a test's start: on
    /// the embedded PostgreSQL there is only one database, and it is the earlier one, emptied.
    /// </returns>
    public async Task<string> CreateDatabaseAsync()
    {
        if (embedded is not null)
        {
            await TestDatabase.ExecuteAsync(embedded.ConnectionString, EmptySql);
            // Types such as vector have new ids now.
            NpgsqlConnection.ClearAllPools();
            return embedded.ConnectionString;
        }
        var connectionString = await TestDatabase.CreateAsync(TestDatabase.Server!);
        created.Add(connectionString);
        return connectionString;
    }

    public async Task InitializeAsync()
    {
        if (TestDatabase.Server is null)
        {
            embedded = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataDirectory = null }, CancellationToken.None);
        }
    }

    public async Task DisposeAsync()
    {
        if (embedded is not null)
            await embedded.DisposeAsync();
        foreach (var connectionString in created)
            await TestDatabase.DropAsync(TestDatabase.Server!, connectionString);
    }
}

/// <summary>The tests of this collection run one after the other on one <see cref="VectorPostgres"/>.</summary>
[CollectionDefinition(Name)]
public sealed class VectorPostgresCollection : ICollectionFixture<VectorPostgres>
{
    public const string Name = "PostgreSQL with pgvector";
}
