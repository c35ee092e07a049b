using LexyHub.Core.Data;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Jobs;

/// <summary>Grants, renews and ends leases, and keeps the run rows in step. All times are the database's own.</summary>
internal sealed class JobLeaseStore(LexyHubDatabase database)
{
    /// <summary>An Idempotency-Key is remembered so long.</summary>
    public static readonly TimeSpan KeyLifetime = TimeSpan.FromHours(24);

    private const string EnsureLeaseSql = "insert into lexyhub_jobs.job_leases (job) values (@job) on conflict do nothing";

    private const string HolderSql = """
        select run_id from lexyhub_jobs.job_leases
        where job = @job and run_id is not null and expires_at > clock_timestamp()
        """;

    // Waits for a batch that is being committed; PostgreSQL then judges the row anew, as it is after that commit.
    private const string LockLeaseSql = """
        select run_id, expires_at > clock_timestamp(), epoch from lexyhub_jobs.job_leases where job = @job for update
        """;

    private const string KeySql = """
        select a.run_id, r.status, a.status_code, a.body::text
        from lexyhub_jobs.run_answers a join job_runs r on r.id = a.run_id
        where a.job = @job and a.idempotency_key = @key and a.created_at > clock_timestamp() - @lifetime
        """;

    private const string AbandonSql = """
        update job_runs set status = 'abandoned', finished_at = clock_timestamp(),
            error_message = 'Its lease lapsed: the process ended or lost the database. What it had committed is kept.'
        where id = @previousRunId and status = 'running';
        """;

    // A key that came this far is free to use: its run was abandoned, answered 5xx, or is past its day.
    private const string GrantSql = $"""
        {AbandonSql}

        update lexyhub_jobs.run_answers set idempotency_key = null where job = @job and idempotency_key = @key;

        insert into job_runs (id, job_name, status, started_at, metadata)
        values (@runId, @job, 'running', clock_timestamp(), @metadata);

        insert into lexyhub_jobs.run_answers (run_id, job, idempotency_key) values (@runId, @job, @key);

        update lexyhub_jobs.job_leases
        set epoch = @epoch, owner = @owner, run_id = @runId, expires_at = clock_timestamp() + @ttl
        where job = @job;
        """;

    // An attempt too, but it holds no lease and uses up no key: what was not run may be asked for again.
    private const string SkipSql = $"""
        {AbandonSql}

        update lexyhub_jobs.job_leases set owner = null, run_id = null, expires_at = '-infinity' where job = @job;

        insert into job_runs (id, job_name, status, started_at, finished_at, records_processed, tokens_consumed, metadata)
        values (@runId, @job, 'skipped', clock_timestamp(), clock_timestamp(), 0, 0, @metadata);

        insert into lexyhub_jobs.run_answers (run_id, job, status_code, body) values (@runId, @job, @statusCode, @body);
        """;

    private const string RenewSql = """
        update lexyhub_jobs.job_leases set expires_at = clock_timestamp() + @ttl where job = @job and epoch = @epoch
        """;

    // A batch of this run keeps the row locked while it is written: then the lease cannot be taken over, and there is nothing to wait for.
    private const string BeatSql = """
        with free as (
            select job from lexyhub_jobs.job_leases where job = @job and epoch = @epoch for update skip locked
        ), renewed as (
            update lexyhub_jobs.job_leases l set expires_at = clock_timestamp() + @ttl from free where l.job = free.job
        )
        select exists (select from lexyhub_jobs.job_leases where job = @job and epoch = @epoch)
        """;

    private const string FinishSql = """
        with released as (
            update lexyhub_jobs.job_leases set owner = null, run_id = null, expires_at = '-infinity'
            where job = @job and epoch = @epoch
            returning run_id
        ), answered as (
            update lexyhub_jobs.run_answers set status_code = @statusCode, body = @body
            where run_id = @runId and exists (select from released)
        )
        update job_runs set status = @status, finished_at = clock_timestamp(), records_processed = @processed,
            tokens_consumed = @tokens, error_message = @error,
            metadata = case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end || @metadata
        where id = @runId and exists (select from released)
        """;

    /// <summary>Asks for the lease of <paramref name="job"/>; granted, the run's row is there and its key is claimed.</summary>
    public async Task<LeaseAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);

        // Without the lock, for which a caller would wait as long as the holder's batch takes.
        if (await ReadHolderAsync(connection, request.Job, cancellationToken) is { } holder)
        {
            return request.IdempotencyKey is { } asked && await ReadAnswerAsync(connection, request.Job, asked, holder, cancellationToken) is { } known
                ? known
                : new LeaseAnswer.Held(holder);
        }

        await ExecuteAsync(connection, EnsureLeaseSql, cancellationToken, new NpgsqlParameter<string>("job", request.Job));
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (heldBy, alive, epoch) = await LockAsync(connection, request.Job, cancellationToken);
        var live = alive ? heldBy : null;
        if (request.IdempotencyKey is { } key
            && await ReadAnswerAsync(connection, request.Job, key, live, cancellationToken) is { } answered)
        {
            return answered;
        }

        if (live is { } current)
        {
            return new LeaseAnswer.Held(current);
        }

        if (!request.Force && await JobPauseStore.FindAsync(connection, request.Job, cancellationToken) is { } pause)
        {
            var answer = await SkipAsync(connection, request, pause, heldBy, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new LeaseAnswer.Skipped(pause, answer);
        }

        var lease = new JobLease(request.Job, Guid.CreateVersion7(), epoch + 1, request.TimeToLive);
        await ExecuteAsync(
            connection,
            GrantSql,
            cancellationToken,
            new("previousRunId", NpgsqlDbType.Uuid) { Value = (object?)heldBy ?? DBNull.Value },
            new("key", NpgsqlDbType.Text) { Value = (object?)request.IdempotencyKey ?? DBNull.Value },
            new NpgsqlParameter<Guid>("runId", lease.RunId),
            new NpgsqlParameter<string>("job", lease.Job),
            new NpgsqlParameter<long>("epoch", lease.Epoch),
            new NpgsqlParameter<string>("owner", request.Owner),
            new NpgsqlParameter<TimeSpan>("ttl", lease.TimeToLive),
            new("metadata", NpgsqlDbType.Jsonb) { Value = RunMetadata.Started(request, lease.Epoch) });
        await transaction.CommitAsync(cancellationToken);
        return new LeaseAnswer.Granted(lease, heldBy);
    }

    /// <summary>Extends the lease by its time to live, on a connection of its own, where no batch of the run does so.</summary>
    /// <returns>False where another run holds it now.</returns>
    public async Task<bool> RenewAsync(JobLease lease, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(BeatSql, connection);
        command.Parameters.AddRange(LeaseParameters(lease));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Lock, fence and heartbeat in one: the first statement of every writing transaction. The lease's row stays
    /// locked until the transaction ends, so that nobody can take the lease over in between.</summary>
    /// <exception cref="LeaseLostException">Another run holds the lease now: roll back and stop.</exception>
    public static async Task FenceAsync(NpgsqlConnection connection, JobLease lease, CancellationToken cancellationToken)
    {
        if (!await RenewAsync(connection, lease, cancellationToken))
        {
            throw new LeaseLostException(lease.Job, lease.Epoch);
        }
    }

    /// <summary>Closes the run, stores its answer and gives the lease back, in one statement.</summary>
    /// <exception cref="LeaseLostException">Another run holds the lease now, and has closed this one as abandoned.</exception>
    public async Task FinishAsync(JobLease lease, RunEnding ending, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await ExecuteAsync(
            connection,
            FinishSql,
            cancellationToken,
            new NpgsqlParameter<string>("job", lease.Job),
            new NpgsqlParameter<long>("epoch", lease.Epoch),
            new NpgsqlParameter<Guid>("runId", lease.RunId),
            new NpgsqlParameter<string>("status", ending.Status),
            new NpgsqlParameter<int>("statusCode", ending.StatusCode),
            new("body", NpgsqlDbType.Json) { Value = ending.Body },
            new NpgsqlParameter<int>("processed", (int)Math.Min(ending.Processed, int.MaxValue)),
            new NpgsqlParameter<int>("tokens", (int)Math.Min(ending.Tokens, int.MaxValue)),
            new("error", NpgsqlDbType.Text) { Value = (object?)ending.Error ?? DBNull.Value },
            new("metadata", NpgsqlDbType.Jsonb) { Value = ending.Metadata });
        if (rows == 0)
        {
            throw new LeaseLostException(lease.Job, lease.Epoch);
        }
    }

    private static async Task<JobAnswer> SkipAsync(
        NpgsqlConnection connection, LeaseRequest request, JobPause pause, Guid? previousRunId, CancellationToken cancellationToken)
    {
        var answer = JobAnswer.Paused(request.Job, Guid.CreateVersion7(), pause);
        await ExecuteAsync(
            connection,
            SkipSql,
            cancellationToken,
            new("previousRunId", NpgsqlDbType.Uuid) { Value = (object?)previousRunId ?? DBNull.Value },
            new NpgsqlParameter<Guid>("runId", answer.RunId!.Value),
            new NpgsqlParameter<string>("job", request.Job),
            new NpgsqlParameter<int>("statusCode", answer.StatusCode),
            new("body", NpgsqlDbType.Json) { Value = answer.Body.ToJsonString(JobJson.Options) },
            new("metadata", NpgsqlDbType.Jsonb) { Value = RunMetadata.Skipped(request, pause) });
        return answer;
    }

    private static async Task<bool> RenewAsync(NpgsqlConnection connection, JobLease lease, CancellationToken cancellationToken)
        => await ExecuteAsync(
            connection,
            RenewSql,
            cancellationToken,
            LeaseParameters(lease)) == 1;

    private static NpgsqlParameter[] LeaseParameters(JobLease lease) =>
    [
        new NpgsqlParameter<string>("job", lease.Job),
        new NpgsqlParameter<long>("epoch", lease.Epoch),
        new NpgsqlParameter<TimeSpan>("ttl", lease.TimeToLive),
    ];

    private static async Task<Guid?> ReadHolderAsync(NpgsqlConnection connection, string job, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HolderSql, connection) { Parameters = { new NpgsqlParameter<string>("job", job) } };
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    private static async Task<(Guid? RunId, bool Alive, long Epoch)> LockAsync(
        NpgsqlConnection connection, string job, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LockLeaseSql, connection) { Parameters = { new NpgsqlParameter<string>("job", job) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetGuid(0), reader.GetBoolean(1), reader.GetInt64(2));
    }

    // Before a key is claimed this is called under the lease's row lock, so that two requests cannot both find it unclaimed.
    private static async Task<LeaseAnswer?> ReadAnswerAsync(
        NpgsqlConnection connection, string job, string key, Guid? liveRunId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(KeySql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("job", job),
                new NpgsqlParameter<string>("key", key),
                new NpgsqlParameter<TimeSpan>("lifetime", KeyLifetime),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var runId = reader.GetGuid(0);
        if (!await reader.IsDBNullAsync(2, cancellationToken))
        {
            var statusCode = reader.GetInt32(2);
            return statusCode < 500 ? new LeaseAnswer.Answered(runId, statusCode, reader.GetString(3)) : null;
        }

        // Without an answer it is still running, or it died: then its lease is no longer alive.
        return runId == liveRunId ? new LeaseAnswer.Held(runId) : null;
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
