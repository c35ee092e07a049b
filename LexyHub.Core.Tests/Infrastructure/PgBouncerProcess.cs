using Npgsql;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>
/// PgBouncer in transaction mode in front of a database, as Supabase's pooler is: nothing of a session outlives a transaction.
/// Found on the PATH, in /usr/sbin or by <c>LEXYHUB_TEST_PGBOUNCER</c>; installed with apt-get where the tests run as root.
/// </summary>
public sealed class PgBouncerProcess : IAsyncDisposable
{
    private readonly string directory = ChildProcess.MakeDirectory("pgbouncer");
    private ChildProcess? server;

    private PgBouncerProcess(string connectionString) => ConnectionString = connectionString;

    /// <summary>The given one, through the pooler.</summary>
    public string ConnectionString { get; private set; }

    /// <param name="target">Of a database on a server without TLS, password included where there is one.</param>
    /// <param name="poolSize">Server connections at most; clients beyond that wait.</param>
    public static async Task<PgBouncerProcess> StartAsync(string target, int poolSize = 5)
    {
        var executable = await DebianPackage.FindAsync("pgbouncer", "LEXYHUB_TEST_PGBOUNCER", "pgbouncer");
        var bouncer = new PgBouncerProcess(target);
        try
        {
            await bouncer.StartAsync(executable, new NpgsqlConnectionStringBuilder(target), poolSize);
            return bouncer;
        }
        catch
        {
            await bouncer.DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync(string executable, NpgsqlConnectionStringBuilder target, int poolSize)
    {
        var port = ChildProcess.FreePort();
        var password = string.IsNullOrEmpty(target.Password) ? "" : $" password='{target.Password.Replace("'", "''")}'";
        var settings = Path.Combine(directory, "pgbouncer.ini");
        await File.WriteAllTextAsync(settings, $"""
            [databases]
            * = host={target.Host} port={target.Port} user={target.Username}{password}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = {poolSize}
            max_client_conn = 300
            server_tls_sslmode = prefer
            ignore_startup_parameters = extra_float_digits

            """);
        ConnectionString = new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            Host = "127.0.0.1",
            Port = port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
        server = ChildProcess.Start(directory, "TERM", executable, settings);
        await server.WaitUntilAsync(() => TestDatabase.ExecuteAsync(ConnectionString, "select 1"));
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        ChildProcess.Remove(directory);
    }
}
