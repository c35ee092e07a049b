namespace LexyHub.Core.Clusters;

/// <summary>Names clusters by their members' words, one market a step: those whose members have changed materially; where a model
/// names them afterwards, only those that have no name at all.</summary>
internal sealed class LabellingStage(RebuildScope scope, bool isNamedByModel) : IRebuildStage
{
    private IReadOnlyList<string>? markets;

    public async Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken)
    {
        markets ??= await SnapshotStore.ReadMarketsAsync(scope.DataSource, scope.Id, cancellationToken);
        var next = state.Next + 1 < markets.Count
            ? state with { Next = state.Next + 1 }
            : state with { Stage = isNamedByModel ? RebuildStage.Naming : RebuildStage.Placing, Next = 0 };
        if (markets.Count == 0)
        {
            return next;
        }

        var market = markets[state.Next];
        var members = await DescribedClusterStore.ReadMembersAsync(scope.DataSource, scope.Id, market, cancellationToken);
        var names = await LabelStore.ReadAsync(scope.DataSource, scope.Id, market, cancellationToken);
        var chosen = ClusterNames.Choose(names, members, isNamedByModel ? 0 : scope.Options.RelabelBelow, scope.Time.GetUtcNow());
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await LabelStore.WriteAsync(transaction.Connection, scope.Id, chosen, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress with { Stage = $"naming clusters of {market}" }, cancellationToken);
        return next;
    }
}
