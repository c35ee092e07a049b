using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Jobs;

/// <summary>Renews a run's lease in the background, and cancels <see cref="Lost"/> once the lease is gone or cannot be
/// renewed for a whole time to live.</summary>
internal sealed class Heartbeat : IAsyncDisposable
{
    private readonly JobLeaseStore leases;
    private readonly JobLease lease;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource lost = new();
    private readonly CancellationTokenSource ended = new();
    private readonly Task loop;

    public Heartbeat(JobLeaseStore leases, JobLease lease, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        this.leases = leases;
        this.lease = lease;
        this.time = time;
        this.logger = logger;
        loop = BeatAsync(interval);
    }

    public CancellationToken Lost => lost.Token;

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await loop;
        ended.Dispose();
        lost.Dispose();
    }

    private async Task BeatAsync(TimeSpan interval)
    {
        var renewedAt = time.GetTimestamp();
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                try
                {
                    if (!await leases.RenewAsync(lease, ended.Token))
                    {
                        await lost.CancelAsync();
                        return;
                    }

                    renewedAt = time.GetTimestamp();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    var left = lease.TimeToLive - time.GetElapsedTime(renewedAt);
                    Log.HeartbeatFailed(logger, e, lease.Job, lease.RunId, Math.Max(0, left.TotalSeconds));
                    if (left <= TimeSpan.Zero)
                    {
                        await lost.CancelAsync();
                        return;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
    }
}
