using System.CommandLine;
using System.Text.Json.Nodes;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub jobs</c>: what ran, how it ended, what is due.</summary>
internal static class JobsCommand
{
    private const int MaxCount = 1000;

    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var count = new Option<int>("--count")
        {
            Description = $"Runs to list, newest first; 0 to {MaxCount}.",
            HelpName = "n",
            DefaultValueFactory = _ => 10,
        };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > MaxCount)
            {
                result.AddError($"--count must be 0 to {MaxCount}.");
            }
        });
        var command = new CliCommand(
            "jobs",
            "Shows the jobs with their last run and next time due, the latest runs, and whether the database is fit for them.",
            "lexyhub jobs",
            "lexyhub jobs --count 50 --json")
        {
            count,
        };
        command.Handle(environment, globals, async (context, result, cancellationToken) =>
        {
            await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
            await using var services = CliServices.Build(context, session);
            await services.MigrateAsync(context, cancellationToken);
            var store = services.GetRequiredService<JobRunStore>();
            var overviews = await services.GetRequiredService<JobOverviewStore>().ReadAsync(cancellationToken);
            var recent = await store.ReadRecentAsync(result.GetValue(count), cancellationToken);
            var healthy = await services.GetRequiredService<DatabaseHealth>().IsHealthyAsync(cancellationToken);
            if (context.IsJson)
            {
                WriteJson(context, overviews, recent, healthy);
            }
            else
            {
                Show(context, session.Description, overviews, recent, healthy);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteJson(CliContext context, IReadOnlyDictionary<string, JobOverview> overviews, IReadOnlyList<JobRun> recent, bool healthy)
    {
        var now = context.Time.GetUtcNow();
        context.Console.Json(new JsonObject
        {
            ["healthy"] = healthy,
            ["jobs"] = new JsonArray([.. JobCatalog.All.Select(job => JobOverviewJson.Job(job, overviews[job.Name], now))]),
            ["runs"] = new JsonArray([.. recent.Select(JobRunJson.Run)]),
        }.ToJsonString(JobJson.Options));
    }

    private static void Show(
        CliContext context, string database, IReadOnlyDictionary<string, JobOverview> overviews, IReadOnlyList<JobRun> recent, bool healthy)
    {
        var now = context.Time.GetUtcNow();
        var output = context.Console.Out;
        context.Console.Line($"Database {database}: {(healthy ? "healthy" : "not healthy; `lexyhub migrate --status` shows what is missing")}.");
        var jobs = NewTable("Job", "Last run (UTC)", "Status", "Processed", "Took", "Next due (UTC)");
        foreach (var job in JobCatalog.All)
        {
            var run = overviews[job.Name].LastRun;
            var due = overviews[job.Name].IsAutomated ? job.NextDue(now) : (DateTimeOffset?)null;
            jobs.AddRow(
                new Text(job.Name),
                new Text(run is null ? "never" : Amounts.Instant(run.StartedAt)),
                Status(run?.Status ?? "-"),
                new Text(run is null ? "-" : Amounts.Count(run.Processed)),
                new Text(Took(run, now)),
                overviews[job.Name].Pause is not null
                    ? new Text("paused", new Style(Color.Yellow))
                    : new Text(due is { } next ? $"{Amounts.Instant(next)} (in {Amounts.Duration(next - now)})" : $"off ({job.AutomationSetting})"));
        }

        output.Write(jobs);
        foreach (var (name, overview) in overviews.Where(pair => pair.Value.Pause is not null))
        {
            context.Console.Line($"{name}: {overview.Pause}");
        }

        if (recent.Count == 0)
        {
            return;
        }

        var runs = NewTable("Run", "Job", "Started (UTC)", "Status", "Processed", "Took", "Error");
        foreach (var run in recent)
        {
            runs.AddRow(
                new Text(run.Id.ToString()),
                new Text(run.Job),
                new Text(Amounts.Instant(run.StartedAt)),
                Status(run.Status),
                new Text(Amounts.Count(run.Processed)),
                new Text(Took(run, now)),
                new Text(run.Error ?? ""));
        }

        output.Write(runs);
    }

    private static Table NewTable(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    private static Text Status(string status) => new(status, new Style(status switch
    {
        RunStatus.Succeeded => Color.Green,
        RunStatus.Failed or RunStatus.Abandoned => Color.Red,
        RunStatus.Partial or RunStatus.Running => Color.Yellow,
        _ => Color.Default,
    }));

    private static string Took(JobRun? run, DateTimeOffset now)
        => run is null ? "-" : Amounts.Duration((run.FinishedAt ?? now) - run.StartedAt);
}
