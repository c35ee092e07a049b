using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>Reads vectors into the snapshot, one page a step; the next page is on its way meanwhile.</summary>
internal sealed class ReadingStage(RebuildScope scope) : IRebuildStage
{
    private const int PageSize = 2_000;

    private readonly VectorReader reader = new(scope.DataSource, scope.Model, scope.Reduction);
    private (string After, Task<ReceivedPage> Page)? ahead;

    public async Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken)
    {
        var received = await (ahead is { } started && started.After == state.After
            ? started.Page
            : reader.ReadAsync(state.After, PageSize, cancellationToken));
        ahead = received.Last is { } last && scope.Context.StopRequested is null
            ? (last, reader.ReadAsync(last, PageSize, cancellationToken))
            : null;
        var page = await received.Decoded;
        var next = state with
        {
            Stage = page.Last is null ? RebuildStage.Clustering : RebuildStage.Reading,
            After = page.Last ?? "",
            Next = page.Last is null ? 0 : state.Next + 1,
            Points = state.Points + page.Terms.Sum(term => term.Markets.Length),
            Missing = state.Missing + page.Missing,
            Rejected = state.Rejected + page.Rejected.Count,
            Errors = [.. state.Errors.Concat(page.Rejected).Take(JobOutcome.MaxErrors)],
        };
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await SnapshotStore.WriteAsync(transaction.Connection, scope.Id, state.Next, page, scope.Reduction.Dimensions, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(new JobProgress("reading vectors", next.Points, next.Rejected), cancellationToken);
        return next;
    }
}
