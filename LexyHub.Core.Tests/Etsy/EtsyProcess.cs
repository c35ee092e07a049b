using System.Diagnostics;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Tests.Etsy;

/// <summary><c>lexyhub run etsy-sync</c> as a process of its own.</summary>
internal static class EtsyProcess
{
    public static Process Start(EtsyHost host, params string[] more)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "lexyhub.dll"), "run", JobCatalog.EtsySync, "--database", host.Connection, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in host.Settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
