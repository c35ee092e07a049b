using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Jobs;

/// <summary>Makes due what no trigger tells: a quarantine that has run out at every run; and, once a UTC day or when that has changed
/// with which results are made, whatever a comparison of all texts with all results finds. Where triggers are missing, every run compares.</summary>
internal abstract class DueReconciliation(TimeProvider time, ILogger logger)
{
    private const int TimeoutSeconds = 300;

    /// <summary>In <c>job_state</c>: for which day and with what the last comparison was made.</summary>
    protected abstract string ReconciledState { get; }

    /// <summary>In <c>job_state</c>: there where triggers were denied.</summary>
    protected abstract string TriggersState { get; }

    /// <summary>On which the triggers are, as <c>grant</c> takes them.</summary>
    protected abstract string TriggerTables { get; }

    /// <summary>Whether a quarantine has run out <c>@now</c>.</summary>
    protected abstract string WaitingSql { get; }

    /// <summary>Makes due whose quarantine has run out <c>@now</c>; one statement or several.</summary>
    protected abstract string ReleaseSql { get; }

    /// <summary>Makes due what has no result, or one of another text or maker, and removes results of what is gone.</summary>
    protected abstract string CompareSql { get; }

    /// <param name="madeWith">Model, template and whatever else a result depends on beside its text.</param>
    /// <param name="parameters">Of <see cref="CompareSql"/>.</param>
    protected async Task RunAsync(JobContext context, string madeWith, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime).ToString("O", CultureInfo.InvariantCulture);
        var state = $"{today} {madeWith}";
        var (isDue, isWaiting) = await LookAsync(context, state, now, cancellationToken);
        if (!isDue && !isWaiting)
        {
            return;
        }

        await using var transaction = await context.BeginWriteAsync(cancellationToken);
        await using (var command = new NpgsqlCommand(isDue ? $"{ReleaseSql};\n{CompareSql}" : ReleaseSql, transaction.Connection))
        {
            command.CommandTimeout = TimeoutSeconds;
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
            command.Parameters.AddRange(parameters);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        if (isDue)
        {
            await JobStateStore.WriteAsync(transaction.Connection, ReconciledState, state, cancellationToken);
        }

        await transaction.CommitAsync(context.LastProgress with { Stage = "comparing texts" }, cancellationToken);
    }

    private async Task<(bool IsDue, bool IsWaiting)> LookAsync(
        JobContext context, string state, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await context.DataSource.OpenConnectionAsync(cancellationToken);
        var triggersDenied = await JobStateStore.ReadAsync(connection, TriggersState, cancellationToken) is not null;
        if (triggersDenied)
        {
            Log.TriggersDenied(logger, TriggerTables);
        }

        var isDue = triggersDenied || await JobStateStore.ReadAsync(connection, ReconciledState, cancellationToken) != state;
        await using var waiting = new NpgsqlCommand(WaitingSql, connection) { Parameters = { new NpgsqlParameter<DateTimeOffset>("now", now) } };
        return (isDue, await waiting.ExecuteScalarAsync(cancellationToken) is true);
    }
}
