using LexyHub.Core.Data;

namespace LexyHub.Cli.Hosting;

/// <summary>A database that this process started.</summary>
public interface IEmbeddedDatabase : IAsyncDisposable
{
    string ConnectionString { get; }
}

/// <summary>Starts one.</summary>
/// <param name="dataDirectory">Where its data are.</param>
/// <param name="port">On loopback; 0 for any free one.</param>
/// <param name="progress">Told what happens, in sentences.</param>
/// <param name="cancellationToken">Ends the start.</param>
public delegate Task<IEmbeddedDatabase> EmbeddedStarter(
    string dataDirectory, int port, IProgress<string> progress, CancellationToken cancellationToken);

/// <summary>The embedded PostgreSQL.</summary>
internal static class EmbeddedDatabase
{
    public static Task<IEmbeddedDatabase> StartAsync(
        string dataDirectory, int port, IProgress<string> progress, CancellationToken cancellationToken)
        => throw new DatabaseException(
            "database-not-configured", 500, "No database is configured. Give --database, or set ConnectionStrings__LexyHub or SUPABASE_DB_URL.");
}
