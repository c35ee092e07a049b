using LexyHub.Cli.Output;

namespace LexyHub.Cli;

/// <summary>One call of a command: the environment and the global options.</summary>
/// <param name="Environment">The world.</param>
/// <param name="Database">The connection given; null for the one configured.</param>
/// <param name="DataDirectory">Of the embedded database, absolute.</param>
/// <param name="IsJson">Results are JSON.</param>
/// <param name="Verbose">The log is shown.</param>
internal sealed record CliContext(CliEnvironment Environment, string? Database, string DataDirectory, bool IsJson, bool Verbose)
{
    public CliConsole Console => Environment.Console;

    public TimeProvider Time => Environment.Time;

    /// <summary>False where only the command line counts.</summary>
    public bool ReadsSettings { get; init; } = true;
}
