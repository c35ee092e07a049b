using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub pause</c> and <c>lexyhub resume</c>.</summary>
internal static class PauseCommand
{
    public static Command CreatePause(CliEnvironment environment, GlobalOptions globals)
    {
        var jobs = JobArgument.Create();
        var reason = new Option<string>("--reason") { Description = "Why, for whoever wonders.", HelpName = "text", Required = true };
        var by = new Option<string>("--by")
        {
            Description = "Who pauses.",
            HelpName = "name",
            DefaultValueFactory = _ => $"{Environment.UserName}@{Environment.MachineName}",
        };
        var until = new Option<string?>("--until")
        {
            Description = "When it ends by itself: an instant (UTC unless it says otherwise), or a time from now as 90s, 30m, 12h or 2.00:00:00.",
            HelpName = "instant|timespan",
        };
        until.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && ParseUntil(text, environment.Time.GetUtcNow()) is null)
            {
                result.AddError($"--until '{text}' is neither an instant such as 2026-12-01T06:00Z nor a time from now such as 12h.");
            }
        });
        var command = new CliCommand(
            "pause",
            "Pauses jobs: their timers and callers get `skipped` with who paused them and why. A run under way goes on to its end; "
            + "`lexyhub run <job> --force` runs one all the same.",
            $"lexyhub pause {JobCatalog.EmbedMissing} --reason \"The provider migrates\" --until 12h",
            "lexyhub pause all --reason \"Maintenance of the database\" --until 2026-12-01T06:00Z --by Anna")
        {
            jobs,
            reason,
            until,
            by,
        };
        command.Handle(environment, globals, (context, result, cancellationToken) =>
        {
            var now = context.Time.GetUtcNow();
            var end = result.GetValue(until) is { } text ? ParseUntil(text, now) : null;
            var why = result.GetRequiredValue(reason).Trim();
            if (JobPause.Check(result.GetValue(by), why, end, now) is { } wrong)
            {
                throw new JobException("pause-refused", 400, wrong);
            }

            return EachAsync(
                context,
                JobArgument.Read(result, jobs),
                async (store, job) =>
                {
                    var pause = await store.PauseAsync(job, result.GetRequiredValue(by).Trim(), why, end, cancellationToken);
                    return (pause.ToString(), new JsonObject { ["job"] = job, ["paused"] = pause.ToJson() });
                },
                cancellationToken);
        });
        return command;
    }

    public static Command CreateResume(CliEnvironment environment, GlobalOptions globals)
    {
        var jobs = JobArgument.Create();
        var command = new CliCommand(
            "resume", "Lets paused jobs run again. What was due meanwhile is not made up for: their next time due does it.", "lexyhub resume all")
        {
            jobs,
        };
        command.Handle(environment, globals, (context, result, cancellationToken) =>
            EachAsync(
                context,
                JobArgument.Read(result, jobs),
                async (store, job) =>
                {
                    var wasPaused = await store.ResumeAsync(job, cancellationToken);
                    return (wasPaused ? "Resumed." : "It was not paused.", new JsonObject { ["job"] = job, ["paused"] = null, ["wasPaused"] = wasPaused });
                },
                cancellationToken));
        return command;
    }

    private static async Task<int> EachAsync(
        CliContext context, IReadOnlyList<string> jobs, Func<JobPauseStore, string, Task<(string Text, JsonObject Json)>> change, CancellationToken cancellationToken)
    {
        await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
        await using var services = CliServices.Build(context, session);
        await services.MigrateAsync(context, cancellationToken);
        var store = services.GetRequiredService<JobPauseStore>();
        foreach (var job in jobs)
        {
            var (text, json) = await change(store, job);
            if (context.IsJson)
            {
                context.Console.Json(json.ToJsonString(JobJson.Options));
            }
            else
            {
                context.Console.Line($"{job}: {text}");
            }
        }

        return ExitCode.Done;
    }

    private static DateTimeOffset? ParseUntil(string text, DateTimeOffset now)
        => Amounts.ParseDuration(text) is { } span ? now + span
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) ? instant
            : null;
}
