using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Telemetry;

/// <summary>Keeps the gauges at what the database says, since another process may have run the job. Asks only while somebody reads them.</summary>
internal sealed class JobGaugeRefresh(LexyHubDatabase database, JobMetrics metrics, TimeProvider time, ILogger<JobGaugeRefresh> logger) : BackgroundService
{
    // OTLP exports once a minute by default.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const string Sql = """
        select job.name,
            (select clock_timestamp() - coalesce(finished_at, started_at) from job_runs
             where job_name = job.name and status in ('succeeded', 'partial') order by started_at desc limit 1),
            (select (metadata ->> 'remaining')::bigint from job_runs
             where job_name = job.name and status in ('succeeded', 'partial') and jsonb_typeof(metadata -> 'remaining') = 'number'
             order by started_at desc limit 1),
            exists (select from lexyhub_jobs.job_pauses p where p.job = job.name and (p.until is null or p.until > clock_timestamp()))
        from unnest(@jobs) as job (name)
        """;

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters = { new NpgsqlParameter<string[]>("jobs", [.. JobCatalog.All.Select(job => job.Name)]) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            metrics.Show(
                reader.GetString(0),
                reader.IsDBNull(1) ? null : reader.GetTimeSpan(1),
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                reader.GetBoolean(3));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wasWell = true;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                wasWell = await TryRefreshAsync(wasWell, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<bool> TryRefreshAsync(bool wasWell, CancellationToken cancellationToken)
    {
        if (!metrics.HasObservers)
        {
            return true;
        }

        try
        {
            await RefreshAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (DatabaseErrors.Explain(e) is { } problem)
        {
            // The ages go on growing meanwhile, which is what an alert needs.
            if (wasWell)
            {
                Log.GaugesUnread(logger, problem.Message);
            }

            return false;
        }
    }
}
