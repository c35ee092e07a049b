using System.CommandLine;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub migrate</c>: applies what is pending, or lists it.</summary>
internal static class MigrateCommand
{
    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var status = new Option<bool>("--status") { Description = "List what is applied and what is pending; change nothing." };
        var sets = new Option<string[]>("--set")
        {
            Description = "Only this set; may be repeated. `vector` needs pgvector 0.7 or later.",
            HelpName = "core|vector",
            DefaultValueFactory = _ => [],
        };
        sets.AcceptOnlyFromAmong("core", "vector");
        var command = new CliCommand(
            "migrate",
            "Applies pending migrations. They only add; on LexyHub's own database they leave its tables as they are.",
            "lexyhub migrate --status",
            "lexyhub migrate --database postgresql://user:password@host:6543/postgres",
            "lexyhub migrate --set core                      # on a PostgreSQL without pgvector")
        {
            status,
            sets,
        };
        command.Handle(environment, globals, async (context, result, cancellationToken) =>
        {
            await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
            await using var services = CliServices.Build(context, session);
            var migrator = services.GetRequiredService<Migrator>();
            var asked = result.GetValue(sets) is { Length: > 0 } names
                ? [.. names.Select(name => Enum.Parse<MigrationSet>(name, ignoreCase: true))]
                : Enum.GetValues<MigrationSet>();
            return result.GetValue(status)
                ? await ShowStatusAsync(context, migrator, asked, cancellationToken)
                : await ApplyAsync(context, migrator, asked, cancellationToken);
        });
        return command;
    }

    private static async Task<int> ShowStatusAsync(
        CliContext context, Migrator migrator, IReadOnlyList<MigrationSet> sets, CancellationToken cancellationToken)
    {
        var report = await migrator.GetStatusAsync(cancellationToken);
        var applied = report.Applied.Where(IsAsked).ToList();
        var pending = report.Pending.Where(IsAsked).ToList();
        if (context.IsJson)
        {
            WriteJson(context, new MigrationReport(applied, pending));
            return ExitCode.Done;
        }

        applied.ForEach(name => context.Console.Line($"applied  {name}"));
        pending.ForEach(name => context.Console.Line($"pending  {name}"));
        context.Console.Line($"{applied.Count} applied, {pending.Count} pending.");
        return ExitCode.Done;

        bool IsAsked(string script) => sets.Any(set => script.StartsWith($"{set}/", StringComparison.Ordinal));
    }

    // Set by set, so that what was applied is told even where the next set fails: pgvector may be missing.
    private static async Task<int> ApplyAsync(
        CliContext context, Migrator migrator, IReadOnlyList<MigrationSet> sets, CancellationToken cancellationToken)
    {
        var applied = new List<string>();
        var made = new List<string>();
        var denied = new List<string>();
        foreach (var set in sets.Distinct().Order())
        {
            var report = await migrator.ApplyAsync([set], cancellationToken);
            applied.AddRange(report.Applied);
            made.AddRange(report.TriggersMade);
            denied.AddRange(report.TriggersDenied);
            if (!context.IsJson)
            {
                foreach (var name in report.Applied)
                {
                    context.Console.Line($"applied  {name}");
                }

                foreach (var target in report.TriggersMade)
                {
                    context.Console.Line($"made     the triggers of {target}, which were denied before: its next run compares all texts a last time");
                }

                foreach (var target in report.TriggersDenied)
                {
                    context.Console.Note($"denied   the triggers of {target}: each of its runs compares all texts. "
                        + "Run `grant trigger on <these tables> to <this role>` as their owner, then `lexyhub migrate` again.");
                }
            }
        }

        if (context.IsJson)
        {
            WriteJson(context, new MigrationReport(applied, []) { TriggersMade = made, TriggersDenied = denied });
        }
        else if (applied.Count + made.Count == 0)
        {
            context.Console.Line("Nothing is pending.");
        }

        return ExitCode.Done;
    }

    private static void WriteJson(CliContext context, MigrationReport report)
        => context.Console.Json(JsonSerializer.Serialize(report, JobJson.Options));
}
