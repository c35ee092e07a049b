using System.CommandLine;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Output;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub run</c>: jobs, one after the other.</summary>
internal static class RunCommand
{
    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var jobs = JobArgument.Create();
        var budget = new Option<TimeSpan?>("--budget")
        {
            Description = "Stop each job at the first batch after this time, as 90s, 5m, 1h or 00:05:00. Without it, a job runs to its end.",
            HelpName = "timespan",
            CustomParser = result =>
            {
                var text = result.Tokens.Single().Value;
                var parsed = Amounts.ParseDuration(text);
                if (parsed is null)
                {
                    result.AddError($"--budget '{text}' is no time span above zero; expected is 90s, 5m, 1h or 00:05:00.");
                }

                return parsed;
            },
        };
        var set = new Option<string[]>("--set")
        {
            Description = "A parameter of the job, as in the URL's query; may be repeated.",
            HelpName = "name=value",
            DefaultValueFactory = _ => [],
        };
        set.Validators.Add(result =>
        {
            foreach (var text in result.Tokens.Select(token => token.Value).Where(text => text.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"--set '{text}' is not of the form name=value.");
            }
        });
        var force = new Option<bool>("--force") { Description = "Also jobs that are paused." };
        var mode = new Option<string?>("--mode")
        {
            Description = $"For {JobCatalog.EtsySync}: incremental or full. Without it, each shop is read as is due.",
            HelpName = "mode",
        };
        mode.AcceptOnlyFromAmong("incremental", "full");
        var account = new Option<Guid?>("--account")
        {
            Description = $"For {JobCatalog.EtsySync}: only this account; `lexyhub etsy accounts` lists them.",
            HelpName = "id",
        };
        var command = new CliCommand(
            "run",
            "Runs jobs one after the other, on this machine. A job that ended partial has kept what it did and goes on at its next run.",
            $"lexyhub run {JobCatalog.TrendAggregation}",
            "lexyhub run all --budget 5m",
            $"lexyhub run {JobCatalog.EtsySync} --mode full --account 0b6f…",
            $"lexyhub run {JobCatalog.TrendAggregation} --json | jq .status")
        {
            jobs,
            budget,
            mode,
            account,
            set,
            force,
        };
        command.Handle(environment, globals, (context, result, cancellationToken) =>
        {
            var parameters = Parameters(
            [
                .. result.GetValue(set) ?? [],
                .. result.GetValue(mode) is { } asked ? (string[])[$"mode={asked}"] : [],
                .. result.GetValue(account) is { } id ? (string[])[$"account={id}"] : [],
            ]);
            return RunAsync(
                context,
                [
                    .. JobArgument.Read(result, jobs).Select(job => new RunRequest(job, RunTrigger.Cli)
                    {
                        Budget = result.GetValue(budget),
                        Parameters = parameters,
                        Force = result.GetValue(force),
                    }),
                ],
                cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken)
    {
        await using var session = await DatabaseSession.OpenAsync(context, cancellationToken);
        await using var services = CliServices.Build(context, session);
        await services.MigrateAsync(context, cancellationToken);
        return await RunJobsAsync(context, services.GetRequiredService<JobRunner>(), requests, cancellationToken);
    }

    /// <returns>Failed where a job failed, or was not begun because of the stop.</returns>
    public static async Task<int> RunJobsAsync(CliContext context, JobRunner runner, IReadOnlyList<RunRequest> requests, CancellationToken stopping)
    {
        var view = new ProgressView(context.Console, context.Time);
        var exitCode = ExitCode.Done;
        foreach (var (index, request) in requests.Index())
        {
            if (stopping.IsCancellationRequested)
            {
                context.Console.Note($"Not begun: {string.Join(", ", requests.Skip(index).Select(left => left.Job))}.");
                return ExitCode.Failed;
            }

            var answer = await view.TrackAsync(
                request.Job, progress => runner.RunAsync(request with { Progress = new Steps(progress) }, stopping));
            RunAnswerView.Show(context, request.Job, answer);
            if (answer.Status == RunStatus.Failed)
            {
                exitCode = ExitCode.Failed;
            }
        }

        return exitCode;
    }

    // As in a query, the last one counts where a name is repeated.
    private static Dictionary<string, string> Parameters(IEnumerable<string> pairs)
        => pairs
            .Select(pair => pair.Split('=', 2))
            .GroupBy(pair => pair[0], StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last()[1], StringComparer.Ordinal);

    private sealed class Steps(IProgress<ProgressStep> steps) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => steps.Report(new ProgressStep(value.Stage, value.Processed, value.Failed, value.Remaining, value.Detail, value.IsMilestone));
    }
}
