using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Npgsql;

namespace LexyHub.Core.Tests.Jobs;

[Collection(NativePostgresCollection.Name)]
public sealed class JobLeaseTests(NativePostgres postgres)
{
    private static readonly Dictionary<string, string?> ShortHeartbeat = new() { ["Jobs:Heartbeat"] = "00:00:00.2" };

    [Fact]
    public async Task RunAsync_FiftyAtOnce_OneRunsAndTheOthersNameIt()
    {
        var connection = await postgres.CreateDatabaseAsync();
        var finish = new TaskCompletionSource();
        var started = 0;
        var hosts = Enumerable.Range(0, 5).Select(_ => JobHost.Create(connection, job: async (_, _) =>
        {
            Interlocked.Increment(ref started);
            await finish.Task;
            return new JobOutcome();
        })).ToList();
        await hosts[0].MigrateAsync();

        var runs = Enumerable.Range(0, 50).Select(i => Task.Run(() => hosts[i % hosts.Count].RunAsync())).ToList();
        var answers = new List<JobAnswer>();
        while (answers.Count < 49)
        {
            var done = await Task.WhenAny(runs).WaitAsync(TimeSpan.FromMinutes(1));
            runs.Remove(done);
            answers.Add(await done);
        }

        finish.SetResult();
        var winner = await runs.Single();

        Assert.Equal(1, started);
        Assert.Equal(RunStatus.Succeeded, winner.Status);
        Assert.All(answers, answer => Assert.Equal((202, RunStatus.AlreadyRunning, winner.RunId), (answer.StatusCode, answer.Status, answer.RunId)));
        Assert.Equal(1, await hosts[0].QueryAsync<long>("select count(*) from job_runs"));
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task BeginWriteAsync_LeaseStolen_WritesNothingMore()
    {
        await using var host = JobHost.Create(await postgres.CreateDatabaseAsync(), job: async (context, token) =>
        {
            await WriteMarkAsync(context, "before", token);
            await using (var thief = context.DataSource.CreateCommand("update lexyhub_jobs.job_leases set epoch = epoch + 1, run_id = gen_random_uuid()"))
            {
                await thief.ExecuteNonQueryAsync(token);
            }

            await WriteMarkAsync(context, "after", token);
            return new JobOutcome { Processed = 2 };
        });
        await host.MigrateAsync();

        var answer = await host.RunAsync();

        Assert.Equal((503, "lease-lost"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Equal("before", await host.QueryAsync<string>("select string_agg(name, ',') from lexyhub_jobs.job_state where name in ('before', 'after')"));
        Assert.Equal("running", await host.QueryAsync<string>("select status from job_runs"));
    }

    [Fact]
    public async Task BeginWriteAsync_TransactionOpen_NobodyTakesTheLeaseOver()
    {
        await using var host = JobHost.Create(await postgres.CreateDatabaseAsync(), ShortHeartbeat, async (context, token) =>
        {
            await using var transaction = await context.BeginWriteAsync(token);
            await using var connection = await context.DataSource.OpenConnectionAsync(token);
            await using var steal = new NpgsqlCommand("set local lock_timeout = '300ms'; select from lexyhub_jobs.job_leases for update", connection);
            await using var attempt = await connection.BeginTransactionAsync(token);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => steal.ExecuteNonQueryAsync(token));
            Assert.Equal(PostgresErrorCodes.LockNotAvailable, refused.SqlState);
            await attempt.RollbackAsync(token);
            await transaction.CommitAsync(new JobProgress("held", 1), token);
            return new JobOutcome { Processed = 1 };
        });
        await host.MigrateAsync();

        Assert.Equal(RunStatus.Succeeded, (await host.RunAsync()).Status);
    }

    [Fact]
    public async Task RunAsync_KeyGivenWhileABatchIsWritten_IsToldAtOnceThatTheJobRuns()
    {
        JobHost? host = null;
        JobAnswer? second = null;
        var request = new RunRequest(JobCatalog.TrendAggregation, RunTrigger.Http) { IdempotencyKey = "first" };
        await using var created = host = JobHost.Create(await postgres.CreateDatabaseAsync(), job: async (context, token) =>
        {
            await using var transaction = await context.BeginWriteAsync(token);
            second = await host!.RunAsync(request with { IdempotencyKey = "second" }, token);
            return new JobOutcome();
        });
        await host.MigrateAsync();

        var first = await host.RunAsync(request);

        Assert.Equal((202, RunStatus.AlreadyRunning, first.RunId), (second!.StatusCode, second.Status, second.RunId));
        Assert.Equal(first.RunId, (await host.RunAsync(request)).RunId);
    }

    [Fact]
    public async Task Heartbeat_LeaseStolenDuringALongWait_CancelsTheRun()
    {
        await using var host = JobHost.Create(await postgres.CreateDatabaseAsync(), ShortHeartbeat, async (context, token) =>
        {
            await using (var thief = context.DataSource.CreateCommand("update lexyhub_jobs.job_leases set epoch = epoch + 1"))
            {
                await thief.ExecuteNonQueryAsync(token);
            }

            await Task.Delay(TimeSpan.FromMinutes(1), token);
            return new JobOutcome();
        });
        await host.MigrateAsync();

        Assert.Equal("lease-lost", (string?)(await host.RunAsync()).Body["code"]);
    }

    [Fact]
    public async Task Heartbeat_RunLongerThanTheLeaseLives_KeepsTheLease()
    {
        await using var host = JobHost.Create(await postgres.CreateDatabaseAsync(), ShortHeartbeat, async (context, token) =>
        {
            // Three renewals by the heartbeat alone are more than one time to live.
            var renewals = new HashSet<DateTime>();
            await Eventually.TrueAsync(async () => renewals.Add(await ExpiryAsync(context)) && renewals.Count > 4, "the heartbeat renews the lease");
            return new JobOutcome { Processed = 1 };
        });
        await host.MigrateAsync();

        Assert.Equal(RunStatus.Succeeded, (await host.RunAsync()).Status);
    }

    [Fact]
    public async Task Heartbeat_BatchLongerThanTheLeaseLives_DoesNotCancelItsOwnRun()
    {
        await using var host = JobHost.Create(await postgres.CreateDatabaseAsync() + ";Command Timeout=1", ShortHeartbeat, async (context, token) =>
        {
            // A heartbeat that waited for the batch's lock would time out after a second, over two times the lease's life.
            await using var transaction = await context.BeginWriteAsync(token);
            await using var command = new NpgsqlCommand("select pg_sleep(1.6)", transaction.Connection) { CommandTimeout = 30 };
            await command.ExecuteNonQueryAsync(token);
            await transaction.CommitAsync(new JobProgress("long", 1), token);
            return new JobOutcome { Processed = 1 };
        });
        await host.MigrateAsync();

        Assert.Equal(RunStatus.Succeeded, (await host.RunAsync()).Status);
    }

    [Fact]
    public async Task RunAsync_LeaseLapsed_ClosesTheDeadRunAsAbandonedUnderAHigherEpoch()
    {
        await using var host = JobHost.Create(await postgres.CreateDatabaseAsync(), job: (_, _) => Task.FromResult(new JobOutcome()));
        await host.MigrateAsync();
        await host.ExecuteAsync("""
            insert into job_runs (id, job_name, status) values ('00000000-0000-0000-0000-000000000001', 'trend-aggregation', 'running');
            insert into lexyhub_jobs.job_leases (job, epoch, owner, run_id, expires_at)
            values ('trend-aggregation', 7, 'a dead one', '00000000-0000-0000-0000-000000000001', clock_timestamp() - interval '1 ms');
            """);

        Assert.Equal(RunStatus.Succeeded, (await host.RunAsync()).Status);

        Assert.Equal("abandoned,succeeded", await host.QueryAsync<string>("select string_agg(status, ',' order by status) from job_runs"));
        Assert.Equal(8, await host.QueryAsync<long>("select epoch from lexyhub_jobs.job_leases"));
    }

    [Fact]
    public async Task RunAsync_DatabaseGoesAwayMidRun_EndsInAClearErrorAndTheNextRunGoesOn()
    {
        await using var cluster = await NativeCluster.StartAsync();
        var connection = await cluster.CreateDatabaseAsync();
        var attempt = 0;
        await using var host = JobHost.Create(connection, ShortHeartbeat, async (context, token) =>
        {
            await WriteMarkAsync(context, $"attempt-{++attempt}", token);
            if (attempt == 1)
            {
                await cluster.StopAsync();
            }

            await WriteMarkAsync(context, "done", token);
            return new JobOutcome { Processed = 1 };
        });
        await host.MigrateAsync();

        var broken = await host.RunAsync();
        Assert.Equal((503, "database-unreachable"), (broken.StatusCode, (string?)broken.Body["code"]));
        Assert.Contains("next run goes on", (string?)broken.Body["error"], StringComparison.Ordinal);

        await cluster.StartAgainAsync();
        var next = await Eventually.FindAsync(async () => await host.RunAsync() is { Status: RunStatus.Succeeded } answer ? answer : null, "the lease lapses");

        Assert.Equal(1, (long?)next.Body["processed"]);
        Assert.Equal("attempt-1,attempt-2,done", await host.QueryAsync<string>("select string_agg(name, ',' order by name) from lexyhub_jobs.job_state where name like 'attempt%' or name = 'done'"));
        Assert.Equal("abandoned", await host.QueryAsync<string>($"select status from job_runs where id = '{broken.RunId}'"));
    }

    private static async Task WriteMarkAsync(JobContext context, string name, CancellationToken token)
    {
        await using var transaction = await context.BeginWriteAsync(token);
        await using var command = new NpgsqlCommand("insert into lexyhub_jobs.job_state (name, value) values (@name, '1')", transaction.Connection)
        {
            Parameters = { new NpgsqlParameter<string>("name", name) },
        };
        await command.ExecuteNonQueryAsync(token);
        await transaction.CommitAsync(new JobProgress(name, 1), token);
    }

    private static async Task<DateTime> ExpiryAsync(JobContext context)
    {
        await using var command = context.DataSource.CreateCommand("select expires_at from lexyhub_jobs.job_leases");
        return (DateTime)(await command.ExecuteScalarAsync())!;
    }
}
