using System.Collections.Concurrent;
using LexyHub.Core.Data;
using LexyHub.Core.Http;
using LexyHub.Core.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Jobs;

/// <summary>Runs a job once: lease, run row, budget, heartbeat, answer. Timers, endpoints and the command line all come here.</summary>
public sealed class JobRunner(
    IServiceScopeFactory scopes,
    LexyHubDatabase database,
    IEnumerable<IRunEpilogue> epilogues,
    IOptions<JobOptions> options,
    JobMetrics metrics,
    TimeProvider time,
    ILogger<JobRunner> logger) : IDisposable
{
    // A run that has ended must be closed even while the host shuts down, but not wait for a dead database.
    private static readonly TimeSpan FinishTimeout = TimeSpan.FromSeconds(15);

    private static readonly string Owner = $"{Environment.MachineName}/{Environment.ProcessId}";

    private readonly JobLeaseStore leases = new(database);
    private readonly CancellationTokenSource draining = new();
    private readonly ConcurrentDictionary<Guid, Task> active = new();

    /// <summary>Runs the job, or says why not.</summary>
    /// <param name="request">Which job, and who asks.</param>
    /// <param name="stopping">The host's shutdown: the run stops at its next batch and ends partial.</param>
    /// <returns>The answer; a failure is an answer too, recorded and logged.</returns>
    /// <exception cref="ArgumentException">The catalogue has no such job.</exception>
    public async Task<JobAnswer> RunAsync(RunRequest request, CancellationToken stopping)
    {
        if (JobCatalog.Find(request.Job) is null)
        {
            throw new ArgumentException($"There is no job '{request.Job}'.", nameof(request));
        }

        // Before the lease is asked for, so that a shutdown finds whatever may be about to begin.
        var call = Guid.NewGuid();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        active[call] = ended.Task;
        try
        {
            return draining.IsCancellationRequested
                ? JobAnswer.Failure(request.Job, null, 503, "shutting-down", "This host is shutting down; ask again, another takes over.")
                : await BeginAsync(request, stopping);
        }
        finally
        {
            active.TryRemove(call, out _);
            ended.SetResult();
        }
    }

    /// <summary>Tells the runs under way to stop at their next batch, and waits until they have closed their rows.</summary>
    /// <param name="cancellationToken">The host's patience; what still runs then is closed as abandoned by the next run.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await draining.CancelAsync();
        await Task.WhenAll(active.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => draining.Dispose();

    private async Task<JobAnswer> BeginAsync(RunRequest request, CancellationToken stopping)
    {
        LeaseAnswer answer;
        try
        {
            var limits = options.Value;
            answer = await leases.AcquireAsync(
                new LeaseRequest(request.Job, Owner, request.Trigger, request.IdempotencyKey, limits.LeaseTimeToLive, request.Force), stopping);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return NotRun(request, Explain(request.Job, null, e));
        }

        switch (answer)
        {
            case LeaseAnswer.Held held:
                Log.AlreadyRunning(logger, request.Job, held.RunId);
                return NotRun(request, JobAnswer.AlreadyRunning(request.Job, held.RunId));
            case LeaseAnswer.Skipped skipped:
                Log.SkippedWhilePaused(logger, request.Job, request.Trigger, skipped.Pause);
                return NotRun(request, skipped.Answer);
            case LeaseAnswer.Answered answered:
                return JobAnswer.Stored(answered.RunId, answered.StatusCode, answered.Body);
            case LeaseAnswer.Granted granted:
                if (granted.AbandonedRunId is { } abandoned)
                {
                    Log.RunAbandoned(logger, request.Job, abandoned);
                    metrics.Abandoned(request.Job);
                }

                return await RunLeasedAsync(request, granted.Lease, stopping);
            default:
                throw new InvalidOperationException($"Unexpected answer {answer}.");
        }
    }

    private JobAnswer NotRun(RunRequest request, JobAnswer answer)
    {
        metrics.NotRun(request, answer);
        return answer;
    }

    private async Task<JobAnswer> RunLeasedAsync(RunRequest request, JobLease lease, CancellationToken stopping)
    {
        using var span = JobTracing.StartRun(request, lease);
        using var scope = logger.BeginScope(new RunScope(lease.Job, lease.RunId, lease.Epoch));
        Log.RunStarted(logger, lease.Job, lease.RunId, request.Trigger, lease.Epoch);
        var stages = new StageClock(time);
        var (outcome, failure, elapsed) = await ExecuteAsync(request, lease, stages, stopping);
        var answer = await CloseAsync(lease, outcome, failure, (long)elapsed.TotalMilliseconds, stages);
        JobTracing.EndRun(span, outcome, answer);
        metrics.Ended(request, outcome, answer, elapsed);
        return answer;
    }

    private async Task<JobAnswer> CloseAsync(JobLease lease, JobOutcome outcome, JobAnswer? failure, long elapsedMs, StageClock stages)
    {
        var answer = failure ?? JobAnswer.Ended(lease.Job, lease.RunId, outcome, elapsedMs);
        try
        {
            using var timeout = new CancellationTokenSource(FinishTimeout, time);
            await leases.FinishAsync(lease, Ending(outcome, answer, RunMetadata.Ended(outcome, elapsedMs, stages)), timeout.Token);
        }
        catch (Exception e)
        {
            // Nothing of the run is lost but its end: the next run closes it as abandoned.
            return failure ?? Explain(lease.Job, lease.RunId, e);
        }

        Log.RunEnded(logger, lease.Job, lease.RunId, answer.Status, elapsedMs, outcome.Processed, outcome.Failed, outcome.Remaining);
        return answer;
    }

    private async Task<(JobOutcome Outcome, JobAnswer? Failure, TimeSpan Elapsed)> ExecuteAsync(
        RunRequest request, JobLease lease, StageClock stages, CancellationToken stopping)
    {
        var startedAt = time.GetTimestamp();
        await using var heartbeat = new Heartbeat(leases, lease, options.Value.Heartbeat, time, logger);
        using var anyStop = CancellationTokenSource.CreateLinkedTokenSource(stopping, draining.Token);
        using var budget = new RunBudget(time, BudgetOf(request), anyStop.Token, heartbeat.Lost);
        using var deadline = budget.Left == Timeout.InfiniteTimeSpan ? null : HttpDeadline.Use(time.GetUtcNow() + budget.Left);
        var context = new JobContext(database, lease, request, budget, stages);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var job = scope.ServiceProvider.GetRequiredKeyedService<IJob>(lease.Job);
            var outcome = await job.RunAsync(context, heartbeat.Lost);
            var elapsed = time.GetElapsedTime(startedAt);
            if (outcome.Status is not (RunStatus.Failed or RunStatus.Skipped))
            {
                foreach (var epilogue in epilogues)
                {
                    await epilogue.RunAsync(context, heartbeat.Lost);
                }
            }

            return (outcome, null, elapsed);
        }
        catch (OperationCanceledException) when (!heartbeat.Lost.IsCancellationRequested && budget.StopRequested is { } reason)
        {
            // Cut short in a wait or an outside call: what was committed before counts.
            return (context.OutcomeSoFar(reason), null, time.GetElapsedTime(startedAt));
        }
        catch (OperationCanceledException e) when (heartbeat.Lost.IsCancellationRequested)
        {
            return (context.OutcomeSoFar(StopReason.Shutdown), Explain(lease.Job, lease.RunId, new LeaseLostException(lease.Job, lease.Epoch), e), time.GetElapsedTime(startedAt));
        }
        catch (Exception e)
        {
            return (context.OutcomeSoFar(StopReason.FailedItems), Explain(lease.Job, lease.RunId, e), time.GetElapsedTime(startedAt));
        }
    }

    private TimeSpan BudgetOf(RunRequest request) => request.Budget ?? request.Trigger switch
    {
        RunTrigger.Http => options.Value.HttpBudget,
        RunTrigger.Timer => options.Value.TimerBudget,
        _ => Timeout.InfiniteTimeSpan,
    };

    private static RunEnding Ending(JobOutcome outcome, JobAnswer answer, string metadata)
        => new(
            answer.Status,
            answer.StatusCode,
            answer.Body.ToJsonString(JobJson.Options),
            outcome.Processed,
            outcome.Tokens,
            (string?)answer.Body["error"] ?? outcome.Errors.Select(e => $"{e.Item}: {e.Error}").FirstOrDefault(),
            metadata);

    private JobAnswer Explain(string job, Guid? runId, Exception exception, Exception? logged = null)
    {
        var (code, statusCode, message) = exception switch
        {
            JobException e => (e.Code, e.StatusCode, e.Message),
            LeaseLostException => (JobAnswer.LeaseLostCode, 503, "The run lost its lease (its process stood still, or the database was away for longer than the lease lives); another run may have taken over. What it had committed is kept."),
            OptionsValidationException e => ("configuration-invalid", 500, $"A setting is invalid: {string.Join(" ", e.Failures)}"),
            _ when DatabaseErrors.Explain(exception, SafeDataSource()) is { } e => (e.Code, e.StatusCode, e.Message),
            _ => ("internal-error", 500, "The job failed in a way that it does not know. The log has the whole error under this run's id."),
        };
        Log.RunFailed(logger, logged ?? exception, job, runId, code, message);
        return JobAnswer.Failure(job, runId, statusCode, code, message);
    }

    private Npgsql.NpgsqlDataSource? SafeDataSource()
    {
        try
        {
            return database.DataSource;
        }
        catch (DatabaseException)
        {
            return null;
        }
    }
}
