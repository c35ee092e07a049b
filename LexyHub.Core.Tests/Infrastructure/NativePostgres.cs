namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>
/// A native PostgreSQL, one for the whole test run: real concurrency, several databases, cancellation; no pgvector. Use it as
/// <c>[Collection(NativePostgresCollection.Name)] public sealed class LeaseTests(NativePostgres postgres)</c>.
/// It is the server of <c>LEXYHUB_TEST_DATABASE</c> where that is set, else a PostgreSQL 18 from npm or this machine's own.
/// </summary>
public sealed class NativePostgres : IAsyncLifetime
{
    private readonly List<string> created = [];
    private NativeCluster? cluster;

    /// <summary>A superuser's (or <c>LEXYHUB_TEST_DATABASE</c>'s) connection string, to a database that all tests share.</summary>
    public string ServerConnectionString => TestDatabase.Server ?? cluster!.ConnectionString;

    /// <returns>
    /// The connection string of a new, empty database, for this process and others. Concurrent calls are fine.
    /// </returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var connectionString = await TestDatabase.CreateAsync(ServerConnectionString);
        lock (created)
            created.Add(connectionString);
        return connectionString;
    }

    public async Task InitializeAsync()
    {
        if (TestDatabase.Server is null)
            cluster = await NativeCluster.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (cluster is not null)
        {
            await cluster.DisposeAsync();
            return;
        }
        foreach (var connectionString in created)
            await TestDatabase.DropAsync(ServerConnectionString, connectionString);
    }
}

/// <summary>The tests of this collection run one after the other on one <see cref="NativePostgres"/>.</summary>
[CollectionDefinition(Name)]
public sealed class NativePostgresCollection : ICollectionFixture<NativePostgres>
{
    public const string Name = "native PostgreSQL";
}
