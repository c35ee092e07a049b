using System.CommandLine;

namespace LexyHub.Cli;

/// <summary>The options of every command.</summary>
internal sealed class GlobalOptions
{
    public const string DefaultDataDirectory = ".lexyhub";

    public Option<string?> Database { get; } = new("--database")
    {
        Description = "PostgreSQL connection, as an Npgsql string or a postgresql:// URI; before ConnectionStrings__LexyHub and SUPABASE_DB_URL. "
            + "With none of them, an embedded PostgreSQL is started.",
        HelpName = "connection",
        Recursive = true,
    };

    public Option<string> DataDirectory { get; } = new("--data-dir")
    {
        Description = "Directory of the embedded database.",
        HelpName = "dir",
        Recursive = true,
        DefaultValueFactory = _ => DefaultDataDirectory,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Results as JSON on standard output.", Recursive = true };

    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "The log, with whole errors, on standard error.", Recursive = true };

    public CliContext Read(ParseResult result, CliEnvironment environment)
        => new(
            environment,
            string.IsNullOrWhiteSpace(result.GetValue(Database)) ? null : result.GetValue(Database),
            Path.GetFullPath(result.GetValue(DataDirectory) ?? DefaultDataDirectory, environment.CurrentDirectory),
            result.GetValue(Json),
            result.GetValue(Verbose));
}
