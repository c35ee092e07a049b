namespace LexyHub.Benchmarks;

/// <summary>One benchmark, by the first argument.</summary>
/// <param name="RunAsync">Takes the other arguments; returns the exit code.</param>
internal sealed record BenchmarkCommand(string Name, string Summary, Func<string[], Task<int>> RunAsync)
{
    /// <summary>Measured, and every target met.</summary>
    public const int Done = 0;

    /// <summary>Measured, and a target missed.</summary>
    public const int Missed = 1;

    /// <summary>Not measured: wrong arguments, or something it needs is missing.</summary>
    public const int Usage = 2;

    public static void PrintHelp(TextWriter writer, IReadOnlyCollection<BenchmarkCommand> commands)
    {
        writer.WriteLine("Usage: dotnet run -c Release --project LexyHub.Benchmarks -- <benchmark> [options]");
        writer.WriteLine();
        foreach (var command in commands)
        {
            writer.WriteLine($"  {command.Name,-20} {command.Summary}");
        }

        writer.WriteLine();
        writer.WriteLine("'<benchmark> --help' lists the options. Exit codes: 0 targets met, 1 a target missed, 2 not measured.");
    }
}
