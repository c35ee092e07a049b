using System.Diagnostics;
using LexyHub.Core.Data;
using LexyHub.Core.Telemetry;
using Npgsql;

namespace LexyHub.Core.Jobs;

/// <summary>What a job knows of its run.</summary>
public sealed class JobContext
{
    private readonly LexyHubDatabase database;
    private readonly JobLease lease;
    private readonly RunBudget budget;
    private readonly IProgress<JobProgress>? progress;

    internal JobContext(LexyHubDatabase database, JobLease lease, RunRequest request, RunBudget budget, StageClock stages)
    {
        this.database = database;
        this.lease = lease;
        this.budget = budget;
        Stages = stages;
        progress = request.Progress;
        Parameters = request.Parameters;
    }

    public string Job => lease.Job;

    public Guid RunId => lease.RunId;

    /// <summary>The lease's epoch, under which all writes of this run are fenced.</summary>
    public long Epoch => lease.Epoch;

    /// <summary>The query parameters of the call, by name; empty for a timer.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    public NpgsqlDataSource DataSource => database.DataSource;

    /// <summary>Why the run should stop before its next batch; null where it may go on.</summary>
    public StopReason? StopRequested => budget.StopRequested;

    /// <summary>Cancelled at the end of the budget, on shutdown and when the lease is lost: for waits and outside calls.</summary>
    public CancellationToken BudgetToken => budget.Token;

    /// <summary>What was reported last.</summary>
    public JobProgress LastProgress { get; private set; } = new("", 0);

    /// <summary>What is left of the budget; <see cref="Timeout.InfiniteTimeSpan"/> where there is none.</summary>
    public TimeSpan Left => budget.Left;

    /// <summary>What the run's time went into so far.</summary>
    internal StageClock Stages { get; }

    /// <summary>Says what the run does from now on, in a word or three: how long each stage took is kept with the run.
    /// A report of progress in another stage ends this one.</summary>
    public void BeginStage(string stage) => Stages.Begin(stage);

    /// <summary>Begins a writing transaction whose first statement is the fence.</summary>
    /// <exception cref="LeaseLostException">Another run holds the lease now.</exception>
    public Task<FencedTransaction> BeginWriteAsync(CancellationToken cancellationToken)
    {
        // Not in an asynchronous method, which would keep the span to itself: it is the parent of what the caller does next.
        return BeginWriteAsync(JobTracing.StartBatch(Job), cancellationToken);
    }

    /// <summary>Shows how far the run is; what is committed with a batch is shown by the commit.</summary>
    public void Report(JobProgress current)
    {
        LastProgress = current;
        Stages.Reported(current.Stage);
        progress?.Report(current);
    }

    /// <summary>What had been reported when the run was cut short.</summary>
    internal JobOutcome OutcomeSoFar(StopReason reason)
        => new() { Processed = LastProgress.Processed, Failed = LastProgress.Failed, Remaining = LastProgress.Remaining ?? 0, Stopped = reason };

    private async Task<FencedTransaction> BeginWriteAsync(Activity? span, CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        NpgsqlTransaction? transaction = null;
        try
        {
            connection = await database.OpenAsync(cancellationToken);
            transaction = await connection.BeginTransactionAsync(cancellationToken);
            await JobLeaseStore.FenceAsync(connection, lease, cancellationToken);
            return new FencedTransaction(connection, transaction, this, span);
        }
        catch
        {
            span?.Dispose();
            if (transaction is not null)
            {
                await transaction.DisposeAsync();
            }

            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            throw;
        }
    }
}
