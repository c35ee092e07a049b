using System.CommandLine;
using System.Text.Json;
using LexyHub.Core.Data;
using LexyHub.Core.Data.Embedded;
using LexyHub.Core.Imports;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Options;

namespace LexyHub.Cli;

/// <summary>A command with examples in its help, whose failures are told plainly.</summary>
internal sealed class CliCommand(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Command lines, with a comment where one helps.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    public void Handle(CliEnvironment environment, GlobalOptions globals, Func<CliContext, ParseResult, CancellationToken, Task<int>> action)
        => SetAction((result, cancellationToken) => RunAsync(globals.Read(result, environment), result, action, cancellationToken));

    private static async Task<int> RunAsync(
        CliContext context, ParseResult result, Func<CliContext, ParseResult, CancellationToken, Task<int>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action(context, result, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Console.Note("Stopped before it was done.");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            var (code, message) = Explain(e);
            if (context.IsJson)
            {
                context.Console.Json(JsonSerializer.Serialize(new { error = message, code }, JobJson.Options));
            }

            context.Console.Fail(message);
            if (context.Verbose)
            {
                context.Console.Note(e.ToString());
            }

            return ExitCode.Failed;
        }
    }

    // An unknown exception's text is left to --verbose: it may repeat a part of a setting.
    private static (string Code, string Message) Explain(Exception exception) => exception switch
    {
        JobException e => (e.Code, e.Message),
        EmbeddedPostgresException e => ("embedded-database-failed", e.Message),
        ImportException e => ("import-failed", e.Message),
        OptionsValidationException e => ("configuration-invalid", $"A setting is invalid: {string.Join(" ", e.Failures)}"),
        _ when DatabaseErrors.Explain(exception) is { } e => (e.Code, e.Message),
        _ => ("internal-error", $"It failed in a way that is not known ({exception.GetType().Name}). Repeat it with --verbose to see the whole error."),
    };
}
