using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>Names the clusters whose members have changed materially, one market a step, and last puts all on the map.</summary>
internal sealed class LabellingStage(RebuildScope scope) : IRebuildStage
{
    private IReadOnlyList<string>? markets;

    public async Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken)
    {
        markets ??= await SnapshotStore.ReadMarketsAsync(scope.DataSource, scope.Id, cancellationToken);
        return state.Next < markets.Count
            ? await NameAsync(markets[state.Next], state with { Next = state.Next + 1 }, cancellationToken)
            : await PlaceAsync(state with { Stage = RebuildStage.Swapping, Next = 0 }, cancellationToken);
    }

    private async Task<RebuildState> NameAsync(string market, RebuildState next, CancellationToken cancellationToken)
    {
        var members = await DescribedClusterStore.ReadMembersAsync(scope.DataSource, scope.Id, market, cancellationToken);
        var names = await LabelStore.ReadAsync(scope.DataSource, scope.Id, market, cancellationToken);
        var chosen = ClusterNames.Choose(names, members, scope.Options.RelabelBelow, scope.Time.GetUtcNow());
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await LabelStore.WriteAsync(transaction.Connection, scope.Id, chosen, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress with { Stage = $"naming clusters of {market}" }, cancellationToken);
        return next;
    }

    private async Task<RebuildState> PlaceAsync(RebuildState next, CancellationToken cancellationToken)
    {
        var clusters = await LabelStore.ReadPlacesAsync(scope.DataSource, scope.Id, cancellationToken);
        var places = ClusterMap.Place([.. clusters.Select(cluster => cluster.Centroid)], [.. clusters.Select(cluster => cluster.Before)]);
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await LabelStore.WritePlacesAsync(transaction.Connection, scope.Id, [.. clusters.Select(cluster => cluster.Number)], places, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress with { Stage = "placing clusters on the map" }, cancellationToken);
        return next;
    }
}
