using LexyHub.Core.Data.Embedded;
using Npgsql;

namespace LexyHub.Cli.Hosting;

/// <summary>A database that this process started, or that another <c>lexyhub</c> on this machine keeps open.</summary>
public interface IEmbeddedDatabase : IAsyncDisposable
{
    string ConnectionString { get; }
}

/// <summary>Which embedded database to start.</summary>
/// <param name="DataDirectory">Where its data are.</param>
/// <param name="Progress">Told what happens, in sentences.</param>
public sealed record EmbeddedRequest(string DataDirectory, IProgress<string> Progress)
{
    /// <summary>On loopback; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>Null for a random one.</summary>
    public string? Password { get; init; }

    /// <summary>Where the directory is in use, take the database of the <c>lexyhub</c> that uses it.</summary>
    public bool MayJoin { get; init; } = true;
}

/// <summary>Starts one.</summary>
public delegate Task<IEmbeddedDatabase> EmbeddedStarter(EmbeddedRequest request, CancellationToken cancellationToken);

/// <summary>
/// The embedded PostgreSQL. Only one process may open its directory, so its connection is left there, readable by this user
/// only: <c>lexyhub jobs</c> in a second terminal then reaches the database that <c>lexyhub serve</c> holds in the first.
/// </summary>
internal sealed class EmbeddedDatabase : IEmbeddedDatabase
{
    private const string ConnectionFile = "connection";

    // It answers at once, or is busy with another's transaction.
    private const int JoinTimeoutSeconds = 15;

    private readonly EmbeddedPostgres? owned;
    private readonly string connectionFile;

    private EmbeddedDatabase(string connectionString, EmbeddedPostgres? owned, string connectionFile)
    {
        ConnectionString = connectionString;
        this.owned = owned;
        this.connectionFile = connectionFile;
    }

    public string ConnectionString { get; }

    /// <exception cref="EmbeddedPostgresException">It does not start; the message says what to do.</exception>
    public static async Task<IEmbeddedDatabase> StartAsync(EmbeddedRequest request, CancellationToken cancellationToken)
    {
        var file = Path.Combine(request.DataDirectory, ConnectionFile);
        try
        {
            var options = new EmbeddedPostgresOptions
            {
                DataDirectory = request.DataDirectory,
                Port = request.Port,
                Password = request.Password,
                Progress = request.Progress,
            };
            var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
            Leave(file, postgres.ConnectionString);
            return new EmbeddedDatabase(postgres.ConnectionString, postgres, file);
        }
        catch (DataDirectoryInUseException e)
        {
            if (!request.MayJoin || await FindAsync(file, cancellationToken) is not { } connectionString)
            {
                throw new EmbeddedPostgresException($"{e.Message} Its database can be used meanwhile with --database and the connection string in {file}.", e);
            }

            request.Progress.Report($"Using the database of process {e.ProcessId}, which has {request.DataDirectory} open.");
            return new EmbeddedDatabase(connectionString, null, file);
        }
    }

    /// <summary>Deletes the data in a directory that this program made and that nobody has open; any other is left alone.</summary>
    public static void Discard(string dataDirectory)
    {
        var data = Path.Combine(dataDirectory, "postgres");
        var lockFile = Path.Combine(dataDirectory, "lock");
        if (!Directory.Exists(data) || !File.Exists(lockFile) || !File.Exists(Path.Combine(dataDirectory, "owner")))
        {
            return;
        }

        try
        {
            using var held = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            Directory.Delete(data, recursive: true);
        }
        catch (IOException)
        {
            // In use: the start that follows says by whom.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (owned is not null)
        {
            File.Delete(connectionFile);
            await owned.DisposeAsync();
        }
    }

    private static void Leave(string file, string connectionString)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Made anew: one that is there keeps its mode.
        File.Delete(file);
        using var writer = new StreamWriter(file, options);
        writer.Write(connectionString);
    }

    // The file of a process that was killed names a port on which nobody, or somebody else, answers.
    private static async Task<string?> FindAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var connectionString = await File.ReadAllTextAsync(file, cancellationToken);
            var probe = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = JoinTimeoutSeconds };
            await using var connection = new NpgsqlConnection(probe.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return connectionString;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NpgsqlException or ArgumentException)
        {
            return null;
        }
    }
}
