using System.Diagnostics;
using System.Text.Json.Nodes;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary><c>lexyhub run embed-missing</c> as a process of its own, as it is started by hand: its heap is its own.</summary>
internal static class EmbedMissingProcess
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <param name="service">Stands for OpenAI.</param>
    /// <returns>The run's body, and the largest working set, which the system keeps.</returns>
    public static async Task<(JsonObject Body, double PeakMegabytes)> RunAsync(BenchmarkDatabase database, Uri service)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "lexyhub.dll"), "run", "embed-missing", "--json", "--database", database.ConnectionString])
        {
            RedirectStandardOutput = true,
            Environment = { ["OPENAI_API_KEY"] = "none", ["OPENAI_BASE_URL"] = service.ToString() },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(Look))
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException) when (process.HasExited)
            {
                // It ended just now: what it had before stands.
            }
        }

        return (JsonNode.Parse(await output)!.AsObject(), peak / 1e6);
    }
}
