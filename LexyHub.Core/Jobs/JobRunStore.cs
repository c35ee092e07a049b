using LexyHub.Core.Data;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Jobs;

/// <summary>Reads runs.</summary>
public sealed class JobRunStore(LexyHubDatabase database)
{
    private const string Columns = """
        r.id, r.job_name, r.status, r.started_at, r.finished_at, coalesce(r.records_processed, 0), coalesce(r.tokens_consumed, 0),
        r.error_message, coalesce(r.metadata, '{}')::text, a.status_code, a.body::text
        """;

    // What a list shows of the row: metadata and answers may be long.
    internal const string SummaryColumns = """
        r.id, r.job_name, r.status, r.started_at, r.finished_at, coalesce(r.records_processed, 0), coalesce(r.tokens_consumed, 0),
        r.error_message, jsonb_build_object(
            'trigger', r.metadata -> 'trigger', 'durationMs', r.metadata -> 'durationMs', 'failed', r.metadata -> 'failed',
            'remaining', r.metadata -> 'remaining', 'stopReason', r.metadata -> 'stopReason', 'message', r.metadata -> 'message',
            'progress', r.metadata -> 'progress')::text, null::int, null::text
        """;

    private const string FindSql = $"""
        select {Columns}
        from job_runs r left join lexyhub_jobs.run_answers a on a.run_id = r.id
        where r.id = @id
        """;

    private const string RecentSql = $"""
        select {Columns}
        from job_runs r left join lexyhub_jobs.run_answers a on a.run_id = r.id
        where r.job_name = any (@jobs)
        order by r.started_at desc limit @count
        """;

    private const string PageSql = $"""
        select {SummaryColumns}
        from job_runs r
        where r.job_name = @job and (@status is null or r.status = @status)
            and (@before is null or (r.started_at, r.id) < (@before, @beforeId))
        order by r.started_at desc, r.id desc limit @count
        """;

    private const string HistorySql = """
        select exists (select from job_runs where job_name = @job and started_at < @since),
            exists (select from job_runs where job_name = @job and started_at >= @since and status in ('succeeded', 'partial', 'running'))
        """;

    private const string SucceededSql = """
        select exists (select from job_runs where job_name = @job and started_at >= @since and status = 'succeeded')
        """;

    /// <returns>The run, or null.</returns>
    public async Task<JobRun?> FindAsync(Guid id, CancellationToken cancellationToken)
        => await ReadAsync(FindSql, cancellationToken, new NpgsqlParameter<Guid>("id", id)) is [var run] ? run : null;

    /// <returns>The newest runs of all jobs, newest first.</returns>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public Task<IReadOnlyList<JobRun>> ReadRecentAsync(int count, CancellationToken cancellationToken)
        => ReadAsync(RecentSql, cancellationToken, JobNames(), new NpgsqlParameter<int>("count", count));

    /// <returns>Runs of a job, newest first, without their answers and with the short part of their metadata.</returns>
    /// <param name="job">The job's name.</param>
    /// <param name="status">Only runs of that status; null for all.</param>
    /// <param name="before">Only runs that come after it in this order; null begins with the newest.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    internal Task<IReadOnlyList<JobRun>> ReadPageAsync(
        string job, string? status, RunCursor? before, int count, CancellationToken cancellationToken)
        => ReadAsync(
            PageSql,
            cancellationToken,
            new NpgsqlParameter<string>("job", job),
            new("status", NpgsqlDbType.Text) { Value = (object?)status ?? DBNull.Value },
            new("before", NpgsqlDbType.TimestampTz) { Value = (object?)before?.StartedAt.UtcDateTime ?? DBNull.Value },
            new NpgsqlParameter<Guid>("beforeId", before?.Id ?? Guid.Empty),
            new NpgsqlParameter<int>("count", count));

    /// <summary>Whether a time due passed with no run: the job ran before it, and no run since has succeeded, is partial
    /// or still runs. A job that never ran has missed nothing.</summary>
    public async Task<bool> WasMissedAsync(string job, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(HistorySql, connection)
        {
            Parameters = { new NpgsqlParameter<string>("job", job), new NpgsqlParameter<DateTime>("since", dueAt.UtcDateTime) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetBoolean(0) && !reader.GetBoolean(1);
    }

    /// <returns>True where a run that started at or after <paramref name="since"/> has succeeded.</returns>
    public async Task<bool> HasSucceededSinceAsync(string job, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(SucceededSql, connection)
        {
            Parameters = { new NpgsqlParameter<string>("job", job), new NpgsqlParameter<DateTime>("since", since.UtcDateTime) },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static NpgsqlParameter<string[]> JobNames() => new("jobs", [.. JobCatalog.All.Select(job => job.Name)]);

    private async Task<IReadOnlyList<JobRun>> ReadAsync(
        string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<JobRun>();
        while (await reader.ReadAsync(cancellationToken))
        {
            runs.Add(Read(reader));
        }

        return runs;
    }

    /// <summary>A run, from columns in the order of <see cref="SummaryColumns"/>.</summary>
    internal static JobRun Read(NpgsqlDataReader reader)
        => new(
            reader.GetGuid(0),
            reader.GetString(1),
            reader.GetString(2),
            reader.GetFieldValue<DateTimeOffset>(3),
            reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4),
            reader.GetInt32(5),
            reader.GetInt32(6),
            reader.IsDBNull(7) ? null : reader.GetString(7),
            reader.GetString(8),
            reader.IsDBNull(9) ? null : reader.GetInt32(9),
            reader.IsDBNull(10) ? null : reader.GetString(10));
}
