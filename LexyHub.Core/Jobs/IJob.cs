namespace LexyHub.Core.Jobs;

/// <summary>One background job. It works in batches, each committed by itself through
/// <see cref="JobContext.BeginWriteAsync"/>, and asks <see cref="JobContext.StopRequested"/> between any two.</summary>
public interface IJob
{
    /// <param name="context">The run: its budget, its fenced transactions, its progress.</param>
    /// <param name="cancellationToken">Cancelled only where nothing more can be written: the lease is lost or the
    /// process is ending at once. For what may be cut short at the end of the budget there is
    /// <see cref="JobContext.BudgetToken"/>.</param>
    /// <exception cref="JobException">The run as a whole failed; the message says what to do.</exception>
    Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken);
}
