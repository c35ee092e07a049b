namespace LexyHub.Core.Jobs;

/// <summary>What is done at the end of every run that did not fail, under its lease: a chore that is short and no business of the job's.</summary>
public interface IRunEpilogue
{
    /// <summary>Never throws for a reason of its own: the run's work is done.</summary>
    Task RunAsync(JobContext context, CancellationToken cancellationToken);
}
