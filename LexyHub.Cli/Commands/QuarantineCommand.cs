using System.CommandLine;
using System.Text.Json.Nodes;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub quarantine list|retry</c>: what models refused.</summary>
internal static class QuarantineCommand
{
    private const int MaxCount = 10_000;

    public static Command Create(CliEnvironment environment, GlobalOptions globals)
        => new CliCommand("quarantine", "Keywords and listings that a model refused.", "lexyhub quarantine list", "lexyhub quarantine retry --all")
        {
            CreateList(environment, globals),
            CreateRetry(environment, globals),
        };

    private static CliCommand CreateList(CliEnvironment environment, GlobalOptions globals)
    {
        var (job, kind, state) = Filters();
        var count = new Option<int>("--count")
        {
            Description = $"Items to list, the latest refusals of each job first; 1 to {MaxCount}.",
            HelpName = "n",
            DefaultValueFactory = _ => 50,
        };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MaxCount)
            {
                result.AddError($"--count must be 1 to {MaxCount}.");
            }
        });
        var command = new CliCommand(
            "list",
            "Lists what is in quarantine, with the model's reason and when it is tried again.",
            "lexyhub quarantine list",
            $"lexyhub quarantine list --job {JobCatalog.EmbedMissing} --state given-up --json")
        {
            job,
            kind,
            state,
            count,
        };
        command.Handle(environment, globals, (context, result, cancellationToken) => WithAsync(context, async quarantines =>
        {
            var query = new QuarantineQuery(result.GetValue(kind), result.GetValue(state), null, result.GetValue(count));
            var items = await quarantines.ReadAsync(Known(quarantines, result.GetValue(job)), null, query, cancellationToken);
            var totals = await quarantines.CountAsync(cancellationToken);
            if (context.IsJson)
            {
                context.Console.Json(new JsonObject
                {
                    ["totals"] = new JsonArray([.. totals.Select(one => QuarantineJson.Count(one.Job, one.Count))]),
                    ["items"] = new JsonArray([.. items.Select(one => QuarantineJson.Item(one.Job, one.Item))]),
                }.ToJsonString(JobJson.Options));
                return;
            }

            foreach (var (name, total) in totals)
            {
                context.Console.Line($"{name}: {Amounts.Count(total.Waiting)} {total.Kind}s wait for another try, {Amounts.Count(total.GivenUp)} are given up.");
            }

            if (items.Count == 0)
            {
                context.Console.Line("Nothing of that kind is in quarantine.");
                return;
            }

            Show(context, items);
        }, cancellationToken));
        return command;
    }

    private static void Show(CliContext context, IReadOnlyList<(string Job, QuarantinedItem Item)> items)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in (string[])["Job", "Kind", "Item", "Refused", "Last (UTC)", "Next try (UTC)", "Reason"])
        {
            table.AddColumn(column);
        }

        foreach (var (name, item) in items)
        {
            table.AddRow(
                new Text(name),
                new Text(item.Kind),
                new Text(item.Label is { } label && label != item.Item ? $"{item.Item} ({label})" : item.Item),
                new Text(Amounts.Count(item.Attempts)),
                new Text(Amounts.Instant(item.LastAt)),
                new Text(item.RetryAt is { } at ? Amounts.Instant(at) : "given up"),
                new Text(item.Reason));
        }

        context.Console.Out.Write(table);
    }

    private static CliCommand CreateRetry(CliEnvironment environment, GlobalOptions globals)
    {
        var (job, kind, state) = Filters();
        var items = new Option<string[]>("--item")
        {
            Description = "One item, as it was listed: a term or a listing's id; may be repeated.",
            HelpName = "item",
            DefaultValueFactory = _ => [],
        };
        var all = new Option<bool>("--all") { Description = "Everything, or everything of --job, --kind and --state." };
        var command = new CliCommand(
            "retry",
            "Makes items due at the job's next run, given-up ones too. Each gets one more try.",
            $"lexyhub quarantine retry --job {JobCatalog.EmbedMissing} --kind keyword --item \"gold hoops\"",
            "lexyhub quarantine retry --all --state given-up && lexyhub run all")
        {
            job,
            kind,
            state,
            items,
            all,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == result.GetValue(items) is { Length: > 0 })
            {
                result.AddError("Say what to retry: --item, or --all (with --job, --kind or --state for a part of it).");
            }
        });
        command.Handle(environment, globals, (context, result, cancellationToken) => WithAsync(context, async quarantines =>
        {
            var kinds = result.GetValue(kind) is { } one ? [one] : Quarantines.Kinds;
            var named = result.GetValue(items) is { Length: > 0 } given
                ? given.SelectMany(item => kinds.Select(itemKind => new QuarantineKey(itemKind, item))).ToList()
                : null;
            var selection = new QuarantineSelection(result.GetValue(kind), result.GetValue(state), named);
            foreach (var name in Known(quarantines, result.GetValue(job)) is { } asked ? [asked] : quarantines.Jobs)
            {
                var released = await quarantines.Find(name)!.RetryAsync(selection, cancellationToken);
                if (context.IsJson)
                {
                    context.Console.Json(new JsonObject { ["job"] = name, ["released"] = released }.ToJsonString(JobJson.Options));
                }
                else
                {
                    context.Console.Line($"{name}: {Amounts.Count(released)} released, due at its next run.");
                }
            }
        }, cancellationToken));
        return command;
    }

    private static (Option<string?> Job, Option<string?> Kind, Option<string?> State) Filters()
    {
        var kind = new Option<string?>("--kind") { Description = "Only keywords or only listings." };
        kind.AcceptOnlyFromAmong([.. Quarantines.Kinds]);
        var state = new Option<string?>("--state") { Description = "Only those that wait for another try, or only those given up." };
        state.AcceptOnlyFromAmong([.. QuarantineState.All]);
        return (new Option<string?>("--job") { Description = "Only of this job.", HelpName = "name" }, kind, state);
    }

    // Which jobs have one is known to the services alone.
    private static string? Known(Quarantines quarantines, string? job)
        => job is null || quarantines.Find(job) is not null
            ? job
            : throw new JobException("unknown-job", 404, $"'{job}' has no quarantine. Jobs that have one: {string.Join(", ", quarantines.Jobs)}.");

    private static async Task<int> WithAsync(CliContext context, Func<Quarantines, Task> action, CancellationToken cancellationToken)
    {
        await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
        await using var services = CliServices.Build(context, session);
        await services.MigrateAsync(context, cancellationToken);
        await action(services.GetRequiredService<Quarantines>());
        return ExitCode.Done;
    }
}
