using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LexyHub.Cli;

/// <summary>The library's help, followed by the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly string[] RootExamples =
    [
        "lexyhub demo                                    # everything at once, on a database of its own",
        "lexyhub serve                                   # endpoints and timers, on http://127.0.0.1:7071",
        "lexyhub run all --database postgresql://user:password@host:6543/postgres",
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var status = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in parseResult.CommandResult.Command is CliCommand command ? command.Examples : RootExamples)
        {
            output.WriteLine($"  {example}");
        }

        output.WriteLine();
        output.WriteLine("Exit codes: 0 done, 1 failed, 2 the command line cannot be understood.");
        return status;
    }
}
