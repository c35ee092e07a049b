using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>Has a chat model name the clusters whose members have changed materially, or which no model has named yet; as many a step
/// as keep the service busy. A name that fails leaves the older one. What two runs in a row have had no time for is left as it is: a
/// rebuild ends however slow the model is.</summary>
internal sealed class NamingStage(RebuildScope scope, ClusterNamer namer) : IRebuildStage
{
    private const int MembersShown = 12;

    private IReadOnlyList<string>? markets;
    private (string Market, List<NewClusterName> Names, IReadOnlyDictionary<int, IReadOnlyList<LabelMember>> Members)? current;

    // The state's Next is the number from which clusters have not been asked for; numbers grow from market to market.
    public async Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken)
    {
        if (await FindAsync(state.Next, cancellationToken) is not { Count: > 0 } due)
        {
            return await WriteAsync(state with { Stage = RebuildStage.Placing, Next = 0, IsUnanswered = false }, [], cancellationToken);
        }

        var (market, names, members) = current!.Value;
        scope.Context.Report(scope.Context.LastProgress with { Stage = $"{namer.Model} names clusters of {market}" });
        var asked = due.Select(cluster => cluster.Number).ToHashSet();
        var taken = names.Where(name => !asked.Contains(name.Number)).Select(name => name.Naming!.Label).ToHashSet();
        NamingAnswer answer;
        try
        {
            answer = await namer.NameAsync(due, taken, scope.Context.BudgetToken);
        }
        catch (OperationCanceledException) when (scope.Context.StopRequested is not null && !cancellationToken.IsCancellationRequested)
        {
            if (scope.Context.StopRequested != StopReason.Time)
            {
                return state;
            }

            if (!state.IsUnanswered)
            {
                return await WriteAsync(state with { IsUnanswered = true }, [], cancellationToken);
            }

            answer = NotAnswered(due);
        }

        scope.Naming.Add(answer, due);
        var now = scope.Time.GetUtcNow();
        var written = answer.Names.Select(name => (
            Number: name.Key,
            Naming: new ClusterNaming(
                name.Value.Label, name.Value.Description, name.Value.Confidence, namer.Model, HashesOf(members[name.Key]), now, null))).ToList();
        foreach (var (number, naming) in written)
        {
            names[names.FindIndex(name => name.Number == number)] = new NewClusterName(number, naming);
        }

        var next = answer.GivenUp is null ? due[^1].Number + 1 : int.MaxValue;
        return await WriteAsync(state with { Next = next, IsUnanswered = false }, written, cancellationToken);
    }

    private static NamingAnswer NotAnswered(List<ClusterToName> due)
    {
        const string reason = "The model did not answer within the time budget of a run (Jobs:HttpBudget, Jobs:TimerBudget).";
        return new NamingAnswer(new Dictionary<int, ModelName>(), due.ToDictionary(cluster => cluster.Number, _ => reason), reason, 0, 0);
    }

    private static byte[] HashesOf(IReadOnlyList<LabelMember> members) => MemberHashes.Of([.. members.Select(member => member.Term)]);

    private async Task<List<ClusterToName>> FindAsync(int first, CancellationToken cancellationToken)
    {
        if (first == int.MaxValue)
        {
            return [];
        }

        markets ??= await SnapshotStore.ReadMarketsAsync(scope.DataSource, scope.Id, cancellationToken);
        foreach (var market in markets.SkipWhile(market => current is { } at && at.Market != market))
        {
            if (current?.Market != market)
            {
                current = (
                    market,
                    await LabelStore.ReadAsync(scope.DataSource, scope.Id, market, cancellationToken),
                    await DescribedClusterStore.ReadMembersAsync(scope.DataSource, scope.Id, market, cancellationToken));
            }

            var (_, names, members) = current.Value;
            var due = names.Where(name => name.Number >= first && IsDue(name.Naming!, members[name.Number])).Take(namer.ClustersAtOnce)
                .Select(name => new ClusterToName(
                    name.Number, members[name.Number].Count, name.Naming!.Label, [.. members[name.Number].Take(MembersShown).Select(member => member.Term)])).ToList();
            if (due.Count > 0)
            {
                return due;
            }
        }

        return [];
    }

    // A name from LexyHub's own code is kept like a model's while the members stay together.
    private bool IsDue(ClusterNaming naming, IReadOnlyList<LabelMember> members)
        => (naming.Source != namer.Model && naming.Source != ClusterNaming.LexyHub)
            || MemberHashes.Similarity(naming.Members, HashesOf(members)) < scope.Options.RelabelBelow;

    private async Task<RebuildState> WriteAsync(
        RebuildState next, List<(int Number, ClusterNaming Naming)> names, CancellationToken cancellationToken)
    {
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await LabelStore.WriteAsync(transaction.Connection, scope.Id, names, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress, cancellationToken);
        return next;
    }
}
