using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace LexyHub.Core.Data.Embedded;

/// <summary>
/// A PostgreSQL 18 with pgvector, pg_trgm and pgcrypto for one user on this machine: PGlite in a Node process behind a wire front
/// end on loopback. A commit outlives the end of any process (not a power cut: nothing is flushed to the disk).
/// <para>
/// All connections share one session. A transaction makes the other connections wait, so never hold one open while querying on
/// another; advisory locks, <c>SET</c> and temporary tables are common to all; there is one database; nothing can be cancelled.
/// </para>
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    // A checkpoint on the way out takes well under a second; a statement that runs may take minutes, and is rolled back.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(15);

    private readonly Process process;
    private readonly DataDirectoryLock? directoryLock;
    private readonly Task errorOutput;
    private int disposed;

    private EmbeddedPostgres(Process process, DataDirectoryLock? directoryLock, Task errorOutput, string connectionString)
    {
        this.process = process;
        this.directoryLock = directoryLock;
        this.errorOutput = errorOutput;
        ConnectionString = connectionString;
        ProcessId = process.Id;
    }

    /// <summary>For Npgsql, password included. Its settings are needed: keep them when adding others.</summary>
    public string ConnectionString { get; }

    /// <summary>The Node process.</summary>
    public int ProcessId { get; }

    /// <exception cref="NodeMissingException">Node.js or npm is missing or too old.</exception>
    /// <exception cref="DataDirectoryInUseException">Another process has the directory open.</exception>
    /// <exception cref="EmbeddedPostgresException">Anything else that keeps it from starting.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken)
    {
        var runtime = await NodeRuntime.FindAsync(options.SearchPath, cancellationToken);
        var front = await FrontPackages.EnsureAsync(runtime, options.PackageDirectory, options.Progress, cancellationToken);
        var directory = options.DataDirectory is { } path ? Path.GetFullPath(path) : null;
        var directoryLock = directory is null
            ? null
            : await DataDirectoryLock.AcquireAsync(directory, OrphanPatience, TimeProvider.System, cancellationToken);
        try
        {
            if (directory is not null && !Directory.Exists(Path.Combine(directory, "postgres")))
                options.Progress?.Report($"Making a database in {directory} …");
            return await StartAsync(runtime, front, directory, directoryLock, options, cancellationToken);
        }
        catch
        {
            directoryLock?.Dispose();
            throw;
        }
    }

    private static async Task<EmbeddedPostgres> StartAsync(
        NodeRuntime runtime, string front, string? directory, DataDirectoryLock? directoryLock,
        EmbeddedPostgresOptions options, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo(runtime.Node, [Path.Combine(front, "server.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = front,
        }) ?? throw new EmbeddedPostgresException($"'{runtime.Node}' did not start.");
        var errors = new ErrorTail();
        var errorOutput = errors.ReadAsync(process.StandardError);
        try
        {
            // The child opens the directory only when it has been told which: until then it is not yet noted.
            directoryLock?.Note(ProcessIdentity.Of(process));
            var password = options.Password ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
            var port = await HandshakeAsync(process, directory, password, options, errors, cancellationToken);
            return new EmbeddedPostgres(process, directoryLock, errorOutput, ConnectionStringFor(port, password));
        }
        catch
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
            throw;
        }
    }

    private static async Task<int> HandshakeAsync(
        Process process, string? directory, string password, EmbeddedPostgresOptions options, ErrorTail errors,
        CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.StartTimeout);
        try
        {
            var configuration = JsonSerializer.Serialize(new { dataDirectory = directory, port = options.Port, password });
            await process.StandardInput.WriteLineAsync(configuration.AsMemory(), deadline.Token);
            await process.StandardInput.FlushAsync(deadline.Token);
            var line = await process.StandardOutput.ReadLineAsync(deadline.Token)
                ?? throw new EmbeddedPostgresException($"The embedded PostgreSQL ended while it started. {errors}");
            using var answer = JsonDocument.Parse(line);
            if (answer.RootElement.TryGetProperty("error", out var error))
                throw new EmbeddedPostgresException($"The embedded PostgreSQL could not start: {error.GetString()}. {errors}");
            return answer.RootElement.GetProperty("port").GetInt32();
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EmbeddedPostgresException(
                $"The embedded PostgreSQL was not ready after {options.StartTimeout.TotalSeconds:0} s. {errors}", e);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new EmbeddedPostgresException($"The embedded PostgreSQL could not start: {e.Message} {errors}", e);
        }
    }

    private static string ConnectionStringFor(int port, string password)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = "postgres",
            Database = "postgres",
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
            // One session for all: a reset would take away what other connections set, and nothing can be cancelled.
            NoResetOnClose = true,
            MaxAutoPrepare = 0,
            CancellationTimeout = -1,
        };
        if (password.Length > 0)
            builder.Password = password;
        return builder.ConnectionString;
    }

    /// <summary>Stops the database: open transactions are rolled back, a statement still running after 10 s is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
            return;
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }
        try
        {
            using var deadline = new CancellationTokenSource(StopTimeout);
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
        await errorOutput;
        process.Dispose();
        directoryLock?.Dispose();
    }

    /// <summary>The last lines that Node wrote to standard error.</summary>
    private sealed class ErrorTail
    {
        private const int MaxLines = 10;
        private readonly Queue<string> lines = new();

        public async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
            {
                lock (lines)
                {
                    lines.Enqueue(line);
                    if (lines.Count > MaxLines)
                        lines.Dequeue();
                }
            }
        }

        public override string ToString()
        {
            lock (lines)
                return lines.Count == 0 ? "" : $"Node said: {string.Join(" | ", lines)}";
        }
    }
}
