using System.Diagnostics;
using LexyHub.Core.Telemetry;
using Npgsql;

namespace LexyHub.Core.Jobs;

/// <summary>A transaction that can commit only while its run holds the lease. Begun by <see cref="JobContext.BeginWriteAsync"/>;
/// disposing it without <see cref="CommitAsync"/> rolls back. Keep it short: the lease's row is locked meanwhile.</summary>
public sealed class FencedTransaction : IAsyncDisposable
{
    private const string ProgressSql = """
        update job_runs
        set records_processed = @processed, metadata = case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end || @metadata
        where id = @runId
        """;

    private readonly NpgsqlTransaction transaction;
    private readonly JobContext context;
    private readonly Activity? span;

    internal FencedTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, JobContext context, Activity? span)
    {
        Connection = connection;
        this.transaction = transaction;
        this.context = context;
        this.span = span;
    }

    /// <summary>The connection on which all writes of the batch go.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Commits the batch together with the run's progress.</summary>
    public async Task CommitAsync(JobProgress progress, CancellationToken cancellationToken)
    {
        context.Stages.Reported(progress.Stage);
        await using (var command = new NpgsqlCommand(ProgressSql, Connection))
        {
            command.Parameters.Add(new NpgsqlParameter<int>("processed", (int)Math.Min(progress.Processed, int.MaxValue)));
            command.Parameters.Add(new NpgsqlParameter<Guid>("runId", context.RunId));
            command.Parameters.Add(new NpgsqlParameter("metadata", NpgsqlTypes.NpgsqlDbType.Jsonb) { Value = RunMetadata.Progress(progress, context.Stages) });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        JobTracing.Commit(span, progress);
        context.Report(progress);
    }

    public ValueTask DisposeAsync()
    {
        // Not in an asynchronous method: the caller's current span is the run's again.
        span?.Dispose();
        return CloseAsync();
    }

    private async ValueTask CloseAsync()
    {
        await transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
