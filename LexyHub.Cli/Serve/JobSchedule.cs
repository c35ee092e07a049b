using LexyHub.Core.Jobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LexyHub.Cli.Serve;

/// <summary>Runs every job on its cadence, each independent of the others, as the timers in Azure do.</summary>
internal sealed class JobSchedule(JobTimer timer, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<JobSchedule> logger) : BackgroundService
{
    // Timers stand still while the machine sleeps, and a long wait would end late: look at the clock now and then.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The same moment at which running jobs are told to stop, not the later one at which this service is.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await Task.WhenAll(JobCatalog.All.Select(job => KeepTimeAsync(job, stopping.Token)));
    }

    private async Task KeepTimeAsync(JobDefinition job, CancellationToken stopping)
    {
        try
        {
            if (await timer.IsOverdueAsync(job, stopping))
            {
                Log.Overdue(logger, job.Name);
                await RunAsync(job, isPastDue: true, stopping);
            }

            while (true)
            {
                var due = job.NextDue(time.GetUtcNow());
                for (var left = due - time.GetUtcNow(); left > TimeSpan.Zero; left = due - time.GetUtcNow())
                {
                    await Task.Delay(left < LongestWait ? left : LongestWait, time, stopping);
                }

                await RunAsync(job, isPastDue: time.GetUtcNow() - due > LongestWait, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RunAsync(JobDefinition job, bool isPastDue, CancellationToken stopping)
    {
        try
        {
            await timer.RunAsync(job.Name, isPastDue, stopping);
        }
        catch (JobException e)
        {
            // The runner has recorded and logged it whole.
            Log.TimerRunFailed(logger, job.Name, e.Code, job.NextDue(time.GetUtcNow()));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.TimerBroke(logger, e, job.Name, job.NextDue(time.GetUtcNow()));
        }
    }
}
