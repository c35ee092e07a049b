using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Jobs;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Run {RunId} of {Job} started by {Trigger} with epoch {Epoch}.")]
    public static partial void RunStarted(ILogger logger, string job, Guid runId, RunTrigger trigger, long epoch);

    [LoggerMessage(LogLevel.Information, "Run {RunId} of {Job} ended {Status} after {ElapsedMs} ms: {Processed} processed, {Failed} failed, {Remaining} remaining.")]
    public static partial void RunEnded(
        ILogger logger, string job, Guid runId, string status, long elapsedMs, long processed, long failed, long remaining);

    [LoggerMessage(LogLevel.Error, "Run {RunId} of {Job} failed with {Code}: {Error}")]
    public static partial void RunFailed(ILogger logger, Exception exception, string job, Guid? runId, string code, string error);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} of {Job} was closed as abandoned: its lease had lapsed.")]
    public static partial void RunAbandoned(ILogger logger, string job, Guid runId);

    [LoggerMessage(LogLevel.Information, "{Job} is running already as {RunId}.")]
    public static partial void AlreadyRunning(ILogger logger, string job, Guid runId);

    [LoggerMessage(LogLevel.Information, "{Job} was not run, asked by {Trigger}. {Pause}")]
    public static partial void SkippedWhilePaused(ILogger logger, string job, RunTrigger trigger, JobPause pause);

    [LoggerMessage(LogLevel.Warning, "{Job}: {Pause}")]
    public static partial void Paused(ILogger logger, string job, JobPause pause);

    [LoggerMessage(LogLevel.Warning, "{Job} was resumed; it had been paused: {WasPaused}.")]
    public static partial void Resumed(ILogger logger, string job, bool wasPaused);

    [LoggerMessage(LogLevel.Information, "{Count} items were released from the quarantine of {Job}.")]
    public static partial void Released(ILogger logger, long count, string job);

    [LoggerMessage(LogLevel.Warning, "The heartbeat of run {RunId} of {Job} failed; the lease holds for {SecondsLeft} s more.")]
    public static partial void HeartbeatFailed(ILogger logger, Exception exception, string job, Guid runId, double secondsLeft);

    [LoggerMessage(LogLevel.Information, "{Job} was due at {DueAt} while nothing ran; a later run has succeeded, so it is dropped.")]
    public static partial void MissedRunDropped(ILogger logger, string job, DateTimeOffset dueAt);

    [LoggerMessage(LogLevel.Information, "The timer of {Job} does nothing unless {Setting} is true. It can be run by hand meanwhile.")]
    public static partial void AutomationOff(ILogger logger, string job, string setting);

    [LoggerMessage(LogLevel.Warning, "The role that migrated may not put triggers on {Tables}: every run compares them in full. Run `grant trigger on {Tables} to <that role>` as their owner, then `lexyhub migrate` again.")]
    public static partial void TriggersDenied(ILogger logger, string tables);

    [LoggerMessage(LogLevel.Information, "Applied {Count} migrations: {Names}.")]
    public static partial void Migrated(ILogger logger, int count, string names);

    [LoggerMessage(LogLevel.Error, "The migration at start-up failed; the host goes on and answers with what is wrong.")]
    public static partial void MigrationFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "A request to {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string path);
}
