using System.Globalization;
using System.Text.Json;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LexyHub.Core.Retention;

/// <summary>Removes what is too old at the end of a job's run, once a UTC day: in small batches under the run's lease, for a short
/// time, and from where the run before left off, whichever job's it was.</summary>
public sealed class RetentionPass(IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionPass> logger) : IRunEpilogue
{
    private const string StateName = "retention";

    // Whoever has the row goes on alone; the others leave it to them.
    private const string ClaimSql = "select value::text from lexyhub_jobs.job_state where name = @name for update skip locked";

    private const string EnsureSql = """
        insert into lexyhub_jobs.job_state (name, value) values (@name, '{}') on conflict do nothing
        """;

    private const string ReadSql = "select value::text from lexyhub_jobs.job_state where name = @name";

    private const string WriteSql = "update lexyhub_jobs.job_state set value = @value, updated_at = clock_timestamp() where name = @name";

    public async Task RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled || context.StopRequested is not null)
        {
            return;
        }

        try
        {
            if (await IsDueAsync(context, cancellationToken))
            {
                await PruneAsync(context, cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The job's own work is done and stands.
            Log.RetentionFailed(logger, e, DatabaseErrors.Explain(e)?.Message ?? e.GetType().Name);
        }
    }

    private string Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).ToString("O", CultureInfo.InvariantCulture);

    private async Task<bool> IsDueAsync(JobContext context, CancellationToken cancellationToken)
    {
        await using var connection = await context.DataSource.OpenConnectionAsync(cancellationToken);
        await using var read = new NpgsqlCommand(ReadSql, connection) { Parameters = { new NpgsqlParameter<string>("name", StateName) } };
        if (await read.ExecuteScalarAsync(cancellationToken) is string state)
        {
            return Progress.Read(state) is not { IsDone: true } progress || progress.Day != Today;
        }

        await using var ensure = new NpgsqlCommand(EnsureSql, connection) { Parameters = { new NpgsqlParameter<string>("name", StateName) } };
        await ensure.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    private async Task PruneAsync(JobContext context, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        while (context.StopRequested is null
            && time.GetElapsedTime(startedAt) < options.Value.TimePerRun
            && await PruneBatchAsync(context, cancellationToken))
        {
            // Until today's pass is done, or the run has spent enough on it.
        }
    }

    /// <returns>True where there is more to do.</returns>
    private async Task<bool> PruneBatchAsync(JobContext context, CancellationToken cancellationToken)
    {
        Progress? progress = null;
        try
        {
            await using var transaction = await context.BeginWriteAsync(cancellationToken);
            progress = await ClaimAsync(transaction.Connection, cancellationToken);
            return progress is { IsDone: false }
                && await SaveAsync(context, transaction, await StepAsync(transaction.Connection, progress, cancellationToken), cancellationToken);
        }
        catch (PostgresException e) when (progress is not null && !e.IsTransient)
        {
            // Such as a right that lacks: the others go on, and tomorrow it is tried again.
            Log.NotRemoved(logger, e, RetentionTargets.All[progress.Target].Name, DatabaseErrors.Explain(e)?.Message ?? e.SqlState);
            await using var transaction = await context.BeginWriteAsync(cancellationToken);
            return await SaveAsync(context, transaction, progress with { Target = progress.Target + 1, Place = null }, cancellationToken);
        }
    }

    private async Task<bool> SaveAsync(JobContext context, FencedTransaction transaction, Progress progress, CancellationToken cancellationToken)
    {
        await WriteAsync(transaction.Connection, progress, cancellationToken);
        await transaction.CommitAsync(context.LastProgress with { Stage = "removing what is too old" }, cancellationToken);
        if (progress.IsDone)
        {
            Log.Retained(logger, progress.Rows);
        }

        return !progress.IsDone;
    }

    /// <returns>How far today's pass is; null where another run is at it.</returns>
    private async Task<Progress?> ClaimAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var claim = new NpgsqlCommand(ClaimSql, connection) { Parameters = { new NpgsqlParameter<string>("name", StateName) } };
        return await claim.ExecuteScalarAsync(cancellationToken) is not string state ? null
            : Progress.Read(state) is { } progress && progress.Day == Today ? progress
            : new Progress(Today, 0, null, 0);
    }

    private async Task<Progress> StepAsync(NpgsqlConnection connection, Progress progress, CancellationToken cancellationToken)
    {
        var target = RetentionTargets.All[progress.Target];
        var batch = await RetentionPruner.ExistsAsync(connection, target, cancellationToken)
            ? await target.PruneAsync(connection, time.GetUtcNow() - target.Keep(options.Value), progress.Place, cancellationToken)
            : new PrunedBatch(0, null, HasMore: false);
        return batch.HasMore
            ? progress with { Place = batch.Place, Rows = progress.Rows + batch.Rows }
            : progress with { Target = progress.Target + 1, Place = null, Rows = progress.Rows + batch.Rows };
    }

    private static async Task WriteAsync(NpgsqlConnection connection, Progress progress, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WriteSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("name", StateName),
                new("value", NpgsqlTypes.NpgsqlDbType.Jsonb) { Value = JsonSerializer.Serialize(progress, JobJson.Options) },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="Day">UTC, ISO 8601.</param>
    /// <param name="Target">Place in <see cref="RetentionTargets.All"/>.</param>
    /// <param name="Place">Within the target.</param>
    /// <param name="Rows">Removed so far today.</param>
    private sealed record Progress(string Day, int Target, string? Place, long Rows)
    {
        public bool IsDone => Target >= RetentionTargets.All.Count;

        public static Progress? Read(string state)
        {
            try
            {
                return JsonSerializer.Deserialize<Progress>(state, JobJson.Options) is { Day: not null, Target: >= 0 } progress ? progress : null;
            }
            catch (JsonException)
            {
                // Of another version: today's pass begins anew.
                return null;
            }
        }
    }
}
