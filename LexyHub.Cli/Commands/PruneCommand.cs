using System.CommandLine;
using System.Text.Json.Nodes;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using LexyHub.Core.Jobs;
using LexyHub.Core.Retention;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub prune</c>: removes at once what the jobs remove day by day.</summary>
internal static class PruneCommand
{
    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say how much would go." };
        var command = new CliCommand(
            "prune",
            "Removes what is older than the settings Retention:… keep: runs, answers, idempotency keys, readings, vectors that nothing uses. "
            + "The jobs do it by themselves once a day.",
            "lexyhub prune --dry-run",
            "Retention__Runs=30.00:00:00 lexyhub prune --json")
        {
            dryRun,
        };
        command.Handle(environment, globals, async (context, result, cancellationToken) =>
        {
            await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
            await using var services = CliServices.Build(context, session);
            await services.MigrateAsync(context, cancellationToken);
            var isDryRun = result.GetValue(dryRun);
            var results = await new ProgressView(context.Console, context.Time).TrackAsync("prune", progress =>
                services.GetRequiredService<RetentionPruner>().PruneAsync(isDryRun, new Steps(progress), cancellationToken));
            if (context.IsJson)
            {
                WriteJson(context, results, isDryRun);
            }
            else
            {
                Show(context, results, isDryRun);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteJson(CliContext context, IReadOnlyList<RetentionResult> results, bool isDryRun)
        => context.Console.Json(new JsonObject
        {
            ["dryRun"] = isDryRun,
            ["removed"] = new JsonArray([.. results.Select(result => new JsonObject
            {
                ["name"] = result.Name,
                ["keepDays"] = result.Keep.TotalDays,
                ["before"] = result.Before,
                ["rows"] = result.Rows,
            })]),
        }.ToJsonString(JobJson.Options));

    private static void Show(CliContext context, IReadOnlyList<RetentionResult> results, bool isDryRun)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in (string[])["What", "Kept for", "Older than (UTC)", isDryRun ? "Would go" : "Removed"])
        {
            table.AddColumn(column);
        }

        foreach (var result in results)
        {
            table.AddRow(
                new Text(result.Name), new Text($"{result.Keep.TotalDays:0.#} days"), new Text(Amounts.Instant(result.Before)), new Text(Amounts.Count(result.Rows)));
        }

        context.Console.Out.Write(table);
    }

    private sealed class Steps(IProgress<ProgressStep> steps) : IProgress<RetentionResult>
    {
        public void Report(RetentionResult value) => steps.Report(new ProgressStep(value.Name, value.Rows));
    }
}
