namespace LexyHub.Core.Jobs;

/// <summary>A run's time budget, joined with the host's wish to stop and with the loss of the lease.</summary>
internal sealed class RunBudget : IDisposable
{
    private readonly TimeProvider time;
    private readonly TimeSpan budget;
    private readonly long startedAt;
    private readonly CancellationToken stopping;
    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource linked;

    /// <param name="time">Measures the budget.</param>
    /// <param name="budget">From now; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="stopping">The host's shutdown, or Ctrl-C.</param>
    /// <param name="lost">The loss of the lease.</param>
    public RunBudget(TimeProvider time, TimeSpan budget, CancellationToken stopping, CancellationToken lost)
    {
        this.time = time;
        this.budget = budget;
        this.stopping = stopping;
        startedAt = time.GetTimestamp();
        timer = new CancellationTokenSource(budget, time);
        linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping, lost);
    }

    public CancellationToken Token => linked.Token;

    public TimeSpan Elapsed => time.GetElapsedTime(startedAt);

    public TimeSpan Left => budget == Timeout.InfiniteTimeSpan
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromTicks(Math.Max(0, (budget - Elapsed).Ticks));

    public StopReason? StopRequested
        => stopping.IsCancellationRequested ? StopReason.Shutdown
            : Left == TimeSpan.Zero || timer.IsCancellationRequested ? StopReason.Time
            : null;

    public void Dispose()
    {
        linked.Dispose();
        timer.Dispose();
    }
}
