using System.Diagnostics;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Telemetry;

/// <summary>The spans of runs and of their batches. Where nobody listens, there are none.</summary>
internal static class JobTracing
{
    /// <summary>Name of the source.</summary>
    public const string SourceName = "LexyHub.Jobs";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a run's span, within the trace that asked for it.</summary>
    public static Activity? StartRun(RunRequest request, JobLease lease)
    {
        var asked = request.Trace.ToContext();

        // The host's own span for the request is the nearer parent, where it is of the same trace.
        var isOfHost = Activity.Current is { } current && (asked == default || current.TraceId == asked.TraceId);
        var kind = request.Trigger switch
        {
            RunTrigger.Http when !isOfHost => ActivityKind.Server,
            RunTrigger.Timer => ActivityKind.Consumer,
            _ => ActivityKind.Internal,
        };
        var activity = Source.StartActivity($"run {lease.Job}", kind, isOfHost ? default : asked);
        return activity?
            .SetTag(TelemetryTags.Job, lease.Job)
            .SetTag(TelemetryTags.Trigger, request.Trigger.ToString().ToLowerInvariant())
            .SetTag("lexyhub.run.id", lease.RunId.ToString())
            .SetTag("lexyhub.run.epoch", lease.Epoch);
    }

    public static void EndRun(Activity? activity, JobOutcome outcome, JobAnswer answer)
    {
        if (activity is null)
        {
            return;
        }

        activity
            .SetTag(TelemetryTags.Status, answer.Status)
            .SetTag("lexyhub.run.processed", outcome.Processed)
            .SetTag("lexyhub.run.failed", outcome.Failed)
            .SetTag("lexyhub.run.remaining", outcome.Remaining)
            .SetTag("lexyhub.run.tokens", outcome.Tokens);
        if ((string?)answer.Body["stopReason"] is { } reason)
        {
            activity.SetTag("lexyhub.run.stop_reason", reason);
        }

        if (answer.Status == RunStatus.Failed)
        {
            activity.SetTag(TelemetryTags.ErrorType, (string?)answer.Body["code"]);
            activity.SetStatus(ActivityStatusCode.Error, (string?)answer.Body["error"]);
        }
    }

    /// <summary>Begins the span of one batch's transaction. Whoever calls this without awaiting has it as the current span.</summary>
    public static Activity? StartBatch(string job) => Source.StartActivity($"batch {job}")?.SetTag(TelemetryTags.Job, job);

    // The end is set here so that closing the connection does not count; an activity keeps the system's time, whatever TimeProvider says.
    public static void Commit(Activity? activity, JobProgress progress)
        => activity?
            .SetTag("lexyhub.run.stage", progress.Stage)
            .SetTag("lexyhub.run.processed", progress.Processed)
            .SetTag("lexyhub.run.failed", progress.Failed)
            .SetTag("lexyhub.run.remaining", progress.Remaining)
            .SetTag("lexyhub.batch.committed", true)
            .SetEndTime(DateTime.UtcNow);
}
