using Npgsql;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>
/// A native PostgreSQL of its own, for tests that take it away and bring it back; other tests share <see cref="NativePostgres"/>.
/// Its superuser is <c>postgres</c> without a password. It ends with the tests, even when they are killed.
/// </summary>
public sealed class NativeCluster : IAsyncDisposable
{
    private readonly NativeBinaries binaries;
    private readonly string directory = ChildProcess.MakeDirectory("postgres");
    private ChildProcess? server;

    private NativeCluster(NativeBinaries binaries) => this.binaries = binaries;

    /// <summary>To the database <c>postgres</c>.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Database = "postgres",
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>Stays the same over <see cref="StopAsync"/> and <see cref="StartAgainAsync"/>.</summary>
    public int Port { get; private set; }

    /// <param name="binaries">Null takes <see cref="NativeBinaries.FindAsync"/>.</param>
    public static async Task<NativeCluster> StartAsync(NativeBinaries? binaries = null)
    {
        var cluster = new NativeCluster(binaries ?? await NativeBinaries.FindAsync());
        try
        {
            await ChildProcess.RunAsync(
                Path.Combine(cluster.binaries.Directory, "initdb"), "--pgdata", cluster.Data, "--username=postgres", "--auth=trust",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync");
            for (var attempt = 1; ; attempt++)
            {
                cluster.Port = ChildProcess.FreePort();
                try
                {
                    await cluster.StartAgainAsync();
                    return cluster;
                }
                catch (InvalidOperationException) when (attempt < 3)
                {
                    // Somebody else took the port in between.
                    await cluster.StopAsync();
                }
            }
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <returns>The connection string of a new, empty database.</returns>
    public Task<string> CreateDatabaseAsync() => TestDatabase.CreateAsync(ConnectionString);

    /// <summary>As <c>pg_ctl stop -m immediate</c>: every connection breaks at once; what was committed is kept.</summary>
    public async Task StopAsync()
    {
        if (server is not null)
            await server.StopAsync();
        server = null;
    }

    /// <summary>On the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        // No flush to the disk: the data need only outlive the server, not the machine.
        server = ChildProcess.Start(
            directory, "QUIT", Path.Combine(binaries.Directory, "postgres"), "-D", Data, "-p", $"{Port}",
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "full_page_writes=off",
            "-c", "max_connections=300", "-c", "shared_buffers=128MB");
        await server.WaitUntilAsync(() => TestDatabase.ExecuteAsync(ConnectionString, "select 1"));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        ChildProcess.Remove(directory);
    }

    private string Data => Path.Combine(directory, "data");
}
