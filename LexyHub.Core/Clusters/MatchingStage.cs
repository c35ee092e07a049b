using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>Gives the new clusters their ids, in one step.</summary>
internal sealed class MatchingStage(RebuildScope scope) : IRebuildStage
{
    public async Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken)
    {
        scope.Context.Report(scope.Context.LastProgress with { Stage = "matching with the clusters of before" });
        var members = await RebuildMembers.ReadAsync(scope.DataSource, scope.Id, scope.Reduction.Dimensions, cancellationToken);
        var stored = await StoredClusters.ReadAsync(scope.DataSource, scope.Model, scope.ReductionName, cancellationToken);
        var matches = ClusterMatching.Match(members.Clusters, [.. stored.Select(cluster => cluster.Cluster)]);
        var naming = stored.ToDictionary(cluster => cluster.Cluster.Id, cluster => cluster.Naming);

        var next = state with { Stage = RebuildStage.Describing, Next = 0 };
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await NewClusterStore.WriteAsync(transaction.Connection, scope.Id, members, matches, naming, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress, cancellationToken);
        return next;
    }
}
