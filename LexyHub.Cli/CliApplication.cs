using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using LexyHub.Cli.Commands;

namespace LexyHub.Cli;

/// <summary>The command line <c>lexyhub</c>.</summary>
public static class CliApplication
{
    /// <param name="args">As given to the process, without its name.</param>
    /// <param name="environment">Where it reads and writes.</param>
    /// <param name="stopping">Ctrl-C: what runs stops at its next batch.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliEnvironment environment, CancellationToken stopping)
    {
        var parsed = CreateRoot(environment).Parse(args);
        var configuration = new InvocationConfiguration
        {
            Output = environment.Console.Out.Profile.Out.Writer,
            Error = environment.Console.Error.Profile.Out.Writer,
            EnableDefaultExceptionHandler = false,

            // Signals are the process's own affair: see StopSignals.
            ProcessTerminationTimeout = null,
        };
        if (args.Count == 0)
        {
            await CreateRoot(environment).Parse(["--help"]).InvokeAsync(configuration, stopping);
            return ExitCode.Usage;
        }

        if (parsed.Action is ParseErrorAction)
        {
            ShowErrors(parsed, environment);
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(configuration, stopping);
    }

    internal static RootCommand CreateRoot(CliEnvironment environment)
    {
        var globals = new GlobalOptions();
        var root = new RootCommand("LexyHub's background jobs, without Azure: the same jobs, the same endpoints, the same database.")
        {
            globals.Database,
            globals.DataDirectory,
            globals.Json,
            globals.Verbose,
            DemoCommand.Create(environment, globals),
            ServeCommand.Create(environment, globals),
            RunCommand.Create(environment, globals),
            JobsCommand.Create(environment, globals),
            PauseCommand.CreatePause(environment, globals),
            PauseCommand.CreateResume(environment, globals),
            QuarantineCommand.Create(environment, globals),
            PruneCommand.Create(environment, globals),
            ImportCommand.Create(environment, globals),
            DatabaseCommand.Create(environment, globals),
            MigrateCommand.Create(environment, globals),
            IndexCommand.Create(environment, globals),
            SimilarCommand.Create(environment, globals),
            ClustersCommand.Create(environment, globals),
            EtsyCommand.Create(environment, globals),
            ClassifyCommand.Create(environment, globals),
            IntentsCommand.Create(environment, globals),
        };
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }

    private static void ShowErrors(ParseResult parsed, CliEnvironment environment)
    {
        // Where a command is not known, what else is missing follows from that.
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var unknown, ..] && !unknown.StartsWith('-'))
        {
            var names = command.Subcommands.Select(child => child.Name).ToList();
            environment.Console.Fail(Closest.To(unknown, names) is { } meant
                ? $"There is no command '{unknown}'. Did you mean '{meant}'?"
                : $"There is no command '{unknown}'. Commands: {string.Join(", ", names)}.");
        }
        else
        {
            foreach (var message in parsed.Errors.Select(error => error.Message).Distinct())
            {
                environment.Console.Fail(message);
            }
        }

        environment.Console.Note($"`{CommandLine(parsed)} --help` shows how it is used.");
    }

    private static string CommandLine(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var command = parsed.CommandResult; command is { Command: not RootCommand }; command = command.Parent as CommandResult)
        {
            names.Push(command.Command.Name);
        }

        return string.Join(' ', names.Prepend("lexyhub"));
    }
}
