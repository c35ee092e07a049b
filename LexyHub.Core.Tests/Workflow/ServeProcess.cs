using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LexyHub.Core.Tests.Workflow;

/// <summary><c>lexyhub serve</c> as a process of its own, on a free port, without timers.</summary>
internal sealed partial class ServeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process process;

    private ServeProcess(Process process, string url) => (this.process, Url) = (process, url);

    public string Url { get; }

    public static async Task<ServeProcess> StartAsync(string connectionString, string token, IReadOnlyDictionary<string, string>? settings = null)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "lexyhub.dll"), "serve", "--urls", "http://127.0.0.1:0", "--no-timers", "--database", connectionString])
        {
            RedirectStandardOutput = true,
            Environment = { ["LEXYHUB_SERVICE_TOKEN"] = token, ["Database__MigrateAtStartup"] = "true" },
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Limit);
        var said = "";
        while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            said += line + "\n";
            if (Address().Match(line) is { Success: true } address)
            {
                return new ServeProcess(process, address.Value);
            }
        }

        throw new InvalidOperationException($"lexyhub serve ended before it served:\n{said}");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+")]
    private static partial Regex Address();
}
