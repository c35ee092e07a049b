namespace LexyHub.Core.Clusters;

/// <summary>Puts all clusters on the map, in one step.</summary>
internal sealed class PlacingStage(RebuildScope scope) : IRebuildStage
{
    public async Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken)
    {
        var next = state with { Stage = RebuildStage.Swapping, Next = 0 };
        var clusters = await LabelStore.ReadPlacesAsync(scope.DataSource, scope.Id, cancellationToken);
        var places = ClusterMap.Place([.. clusters.Select(cluster => cluster.Centroid)], [.. clusters.Select(cluster => cluster.Before)]);
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await LabelStore.WritePlacesAsync(transaction.Connection, scope.Id, [.. clusters.Select(cluster => cluster.Number)], places, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress with { Stage = "placing clusters on the map" }, cancellationToken);
        return next;
    }
}
