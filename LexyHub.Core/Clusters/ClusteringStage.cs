using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>Clusters the markets, one after the other. Its state is saved every few seconds, and when the run has to stop.</summary>
internal sealed class ClusteringStage(RebuildScope scope) : IRebuildStage
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(10);

    private (string Market, SphericalClustering Clustering, ClusterGrowth Growth)? current;
    private long savedAt;

    public async Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken)
    {
        if (current is null)
        {
            var markets = await SnapshotStore.ReadMarketsAsync(scope.DataSource, scope.Id, cancellationToken);
            var done = await MarketStore.ReadDoneAsync(scope.DataSource, scope.Id, cancellationToken);
            if (markets.FirstOrDefault(market => !done.Contains(market)) is not { } next)
            {
                return await SaveAsync(state with { Stage = RebuildStage.Matching }, null, cancellationToken);
            }

            current = await BeginAsync(next, cancellationToken);
            savedAt = scope.Time.GetTimestamp();
        }

        var (market, clustering, growth) = current.Value;
        scope.Context.Report(new JobProgress(
            $"clustering {market}: {clustering.Phase.ToString().ToLowerInvariant()}, pass {clustering.Iteration}", state.Points, state.Rejected));
        if (!await Task.Run(() => clustering.Step(cancellationToken), cancellationToken))
        {
            var result = MarketResult.Of(clustering.Finish());
            current = null;
            return await SaveAsync(
                state, transaction => MarketStore.SaveResultAsync(transaction.Connection, scope.Id, market, result, growth.Terms, cancellationToken), cancellationToken);
        }

        if (scope.Time.GetElapsedTime(savedAt) >= SaveInterval)
        {
            await SuspendAsync(state, cancellationToken);
        }

        return state;
    }

    public async Task SuspendAsync(RebuildState state, CancellationToken cancellationToken)
    {
        if (current is not var (market, clustering, _))
        {
            return;
        }

        savedAt = scope.Time.GetTimestamp();
        await SaveAsync(
            state, transaction => MarketStore.SaveStepAsync(transaction.Connection, scope.Id, market, clustering.Save(), cancellationToken), cancellationToken);
    }

    private async Task<(string Market, SphericalClustering Clustering, ClusterGrowth Growth)> BeginAsync(string market, CancellationToken cancellationToken)
    {
        var snapshot = await SnapshotStore.ReadAsync(scope.DataSource, scope.Id, market, scope.Reduction.Dimensions, cancellationToken);
        var stored = await MarketMembers.ReadAsync(scope.DataSource, market, cancellationToken);
        var growth = ClusterGrowth.Of(snapshot.Vectors.Count, stored.ClusterCount, stored.Terms);
        var saved = await MarketStore.FindStepAsync(scope.DataSource, scope.Id, market, cancellationToken);
        var clustering = (saved is null ? null : SphericalClustering.Restore(snapshot.Vectors, scope.Clustering, saved))
            ?? SphericalClustering.Start(snapshot.Vectors, scope.Clustering, stored.Previous(snapshot.Terms), growth.Additional);
        return (market, clustering, growth);
    }

    private async Task<RebuildState> SaveAsync(
        RebuildState state, Func<FencedTransaction, Task>? write, CancellationToken cancellationToken)
    {
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        if (write is not null)
        {
            await write(transaction);
        }

        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, state, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress, cancellationToken);
        return state;
    }
}
