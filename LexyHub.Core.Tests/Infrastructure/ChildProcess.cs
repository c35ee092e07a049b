using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>
/// A server that runs for the tests under a small shell, as an ordinary user where the tests run as root (PostgreSQL and
/// PgBouncer refuse root). The shell waits for its standard input to close, which also happens when the tests are killed.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    // Ends the server when standard input ends. A line "keep" before that leaves the directory in place.
    private const string Supervisor = """
        directory=$1; signal=$2; shift 2
        "$@" </dev/null >"$directory/output" 2>&1 &
        child=$!
        read -r keep
        kill -s "$signal" $child 2>/dev/null
        wait $child
        [ "$keep" = keep ] || rm -rf "$directory"/* 
        """;

    private static readonly bool IsRoot = !OperatingSystem.IsWindows() && Environment.UserName == "root";

    private readonly Process process;
    private readonly string directory;

    private ChildProcess(Process process, string directory) => (this.process, this.directory) = (process, directory);

    /// <summary>True once the server was told to end.</summary>
    public bool IsStopped { get; private set; }

    /// <param name="directory">Of <see cref="MakeDirectory"/>; emptied when the tests end in whatever way.</param>
    /// <param name="signal">That ends the server: QUIT, TERM, …</param>
    public static ChildProcess Start(string directory, string signal, params string[] command)
    {
        var start = AsOrdinaryUser(["/bin/sh", "-c", Supervisor, "sh", directory, signal, .. command]);
        start.RedirectStandardInput = true;
        return new ChildProcess(Process.Start(start)!, directory);
    }

    /// <summary>Runs a command to its end, as an ordinary user too.</summary>
    public static Task RunAsync(params string[] command) => RunToEndAsync(AsOrdinaryUser(command));

    /// <summary>Runs a command to its end as whoever runs the tests.</summary>
    public static Task RunAsSelfAsync(string workingDirectory, params string[] command) =>
        RunToEndAsync(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = workingDirectory });

    private static async Task RunToEndAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"'{start.FileName} {string.Join(' ', start.ArgumentList)}' ended with {process.ExitCode}: {await output}{await error}");
        }
    }

    /// <summary>A directory in which the ordinary user may write.</summary>
    public static string MakeDirectory(string name)
    {
        // Root's own temporary directory may be closed to others.
        var path = Path.Combine(IsRoot ? "/tmp" : Path.GetTempPath(), $"lexyhub-{name}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(path);
        if (IsRoot && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        return path;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Polls until the server answers.</summary>
    /// <exception cref="InvalidOperationException">It ended, or 60 s went by; the message holds its output.</exception>
    public async Task WaitUntilAsync(Func<Task> probe)
    {
        var waited = Stopwatch.StartNew();
        for (; ; )
        {
            try
            {
                await probe();
                return;
            }
            catch (Exception e)
            {
                if (process.HasExited || waited.Elapsed > TimeSpan.FromSeconds(60))
                    throw new InvalidOperationException($"The server did not start. {Output()}", e);
                await Task.Delay(30);
            }
        }
    }

    /// <summary>Ends the server and waits for it.</summary>
    public async Task StopAsync()
    {
        if (IsStopped)
            return;
        IsStopped = true;
        await process.StandardInput.WriteLineAsync("keep");
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    public static void Remove(string directory)
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    private string Output()
    {
        var path = Path.Combine(directory, "output");
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    private static ProcessStartInfo AsOrdinaryUser(string[] command)
    {
        // /tmp, since the ordinary user may not be allowed into the tests' own directory.
        string[] prefix = !IsRoot ? []
            : File.Exists("/usr/bin/setpriv") ? ["/usr/bin/setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups", "--"]
            : ["runuser", "-u", "nobody", "--"];
        string[] all = [.. prefix, .. command];
        return new ProcessStartInfo(all[0], all[1..]) { WorkingDirectory = IsRoot ? "/tmp" : "" };
    }
}
