using System.Collections.Concurrent;
using LexyHub.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Jobs;

/// <summary>Runs jobs on their schedule, for whichever host keeps the time.</summary>
public sealed class JobTimer(JobRunner runner, JobRunStore runs, JobAutomation automation, TimeProvider time, ILogger<JobTimer> logger)
{
    private readonly ConcurrentDictionary<string, bool> told = new(StringComparer.Ordinal);

    /// <summary>Runs a job that is due; one whose automation is off is left alone, with a line in the log and no run.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="isPastDue">The schedule was missed: then it is dropped where a later run has succeeded already.</param>
    /// <param name="stopping">The host's shutdown.</param>
    /// <exception cref="JobException">The run failed. It is recorded and logged; the host shows its timer as failed too.</exception>
    public Task RunAsync(string job, bool isPastDue, CancellationToken stopping) => RunAsync(job, isPastDue, default, stopping);

    /// <inheritdoc cref="RunAsync(string, bool, CancellationToken)"/>
    /// <param name="trace">The timer's own trace.</param>
    public async Task RunAsync(string job, bool isPastDue, TraceParent trace, CancellationToken stopping)
    {
        var definition = JobCatalog.Find(job) ?? throw new ArgumentException($"There is no job '{job}'.", nameof(job));
        if (!automation.IsOn(definition))
        {
            // Once a process: it stays so until the process starts anew.
            if (told.TryAdd(job, true))
            {
                Log.AutomationOff(logger, job, definition.AutomationSetting!);
            }

            return;
        }

        if (isPastDue && definition.LastDue(time.GetUtcNow()) is { } dueAt && await HasRunSinceAsync(job, dueAt, stopping))
        {
            Log.MissedRunDropped(logger, job, dueAt);
            return;
        }

        var answer = await runner.RunAsync(new RunRequest(job, RunTrigger.Timer) { Trace = trace }, stopping);
        if (answer.Status == RunStatus.Failed)
        {
            throw new JobException((string?)answer.Body["code"] ?? "failed", answer.StatusCode, (string?)answer.Body["error"] ?? "The run failed.");
        }
    }

    /// <summary>Whether the job's last time due passed with no run; a database that cannot be asked has missed nothing.</summary>
    public async Task<bool> IsOverdueAsync(JobDefinition job, CancellationToken cancellationToken)
    {
        try
        {
            return automation.IsOn(job) && job.LastDue(time.GetUtcNow()) is { } dueAt && await runs.WasMissedAsync(job.Name, dueAt, cancellationToken);
        }
        catch (Exception e) when (Data.DatabaseErrors.Explain(e) is not null)
        {
            return false;
        }
    }

    private async Task<bool> HasRunSinceAsync(string job, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        try
        {
            return await runs.HasSucceededSinceAsync(job, dueAt, cancellationToken);
        }
        catch (Exception e) when (Data.DatabaseErrors.Explain(e) is not null)
        {
            // The run itself says what is wrong with the database.
            return false;
        }
    }
}
