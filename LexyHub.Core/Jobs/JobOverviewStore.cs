using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Jobs;

/// <summary>Reads how every job is, in one round trip whose cost does not grow with the number of runs.</summary>
public sealed class JobOverviewStore(LexyHubDatabase database, JobAutomation automation)
{
    /// <summary>Runs of each job in its overview.</summary>
    public const int RunsShown = 30;

    private const string RunsSql = $"""
        select {JobRunStore.SummaryColumns}
        from unnest(@jobs) as job (name)
        cross join lateral (
            select * from job_runs where job_name = job.name order by started_at desc, id desc limit @count) r
        order by r.job_name, r.started_at desc, r.id desc
        """;

    private const string FactsSql = """
        select job.name,
            (select coalesce(finished_at, started_at) from job_runs
             where job_name = job.name and status in ('succeeded', 'partial') order by started_at desc limit 1),
            (select min(started_at) from job_runs where job_name = job.name),
            (select run_id from lexyhub_jobs.job_leases where job = job.name and run_id is not null and expires_at > clock_timestamp())
        from unnest(@jobs) as job (name)
        """;

    /// <returns>The overview of every job of the catalogue, by name.</returns>
    public async Task<IReadOnlyDictionary<string, JobOverview>> ReadAsync(CancellationToken cancellationToken)
    {
        string[] jobs = [.. JobCatalog.All.Select(job => job.Name)];
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(RunsSql)
                {
                    Parameters = { new NpgsqlParameter<string[]>("jobs", jobs), new NpgsqlParameter<int>("count", RunsShown) },
                },
                new NpgsqlBatchCommand(JobPauseStore.ReadAllSql),
                new NpgsqlBatchCommand(FactsSql) { Parameters = { new NpgsqlParameter<string[]>("jobs", jobs) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var runs = new List<JobRun>();
        while (await reader.ReadAsync(cancellationToken))
        {
            runs.Add(JobRunStore.Read(reader));
        }

        var runsOf = runs.ToLookup(run => run.Job);
        await reader.NextResultAsync(cancellationToken);
        var pauses = await JobPauseStore.ReadAllAsync(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var overviews = new Dictionary<string, JobOverview>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var job = reader.GetString(0);
            overviews[job] = new JobOverview([.. runsOf[job]], Instant(reader, 1), Instant(reader, 2), reader.IsDBNull(3) ? null : reader.GetGuid(3))
            {
                IsAutomated = automation.IsOn(JobCatalog.Find(job)!),
                Pause = pauses.GetValueOrDefault(job),
            };
        }

        return overviews;
    }

    private static DateTimeOffset? Instant(NpgsqlDataReader reader, int column)
        => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
