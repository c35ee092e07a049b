using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Npgsql;

namespace LexyHub.Core.Clusters;

/// <summary>Has a chat model name the clusters whose members have changed materially, or which no model has named yet; as many a step
/// as keep the service busy. A name that fails leaves the older one. What two runs in a row have had no time for, or what the day's cap
/// of tokens does not hold, is left as it is: a rebuild ends however slow or dear the model is.</summary>
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
            answer = await namer.NameAsync(due, taken, await AllowanceAsync(cancellationToken), scope.Context.BudgetToken);
        }
        catch (OperationCanceledException) when (scope.Context.StopRequested is not null && !cancellationToken.IsCancellationRequested)
        {
            var isLate = scope.Context.StopRequested == StopReason.Time;
            if (!isLate || !state.IsUnanswered)
            {
                return await WriteAsync(state with { IsUnanswered = isLate || state.IsUnanswered }, [], cancellationToken);
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

        var next = state with { Next = due[^1].Number + 1, IsUnanswered = false };
        if (answer.IsCapped)
        {
            var unasked = due.Count - answer.Names.Count - answer.Failures.Count;
            next = next with { Unnamed = unasked + await CountAsync(next.Next, cancellationToken) };
        }

        if (answer.IsCapped || answer.GivenUp is not null)
        {
            next = next with { Next = int.MaxValue };
        }

        return await WriteAsync(next, written, cancellationToken);
    }

    private async Task<DayAllowance> AllowanceAsync(CancellationToken cancellationToken)
        => new(null, scope.Options.MaxTokensPerDay is not { } cap ? null : cap - await DayUsageStore.Clusters.ReadTokensAsync(scope.DataSource, Today, cancellationToken));

    private DateOnly Today => DateOnly.FromDateTime(scope.Time.GetUtcNow().UtcDateTime);

    private static NamingAnswer NotAnswered(List<ClusterToName> due)
    {
        const string reason = "The model did not answer within the time budget of a run (Jobs:HttpBudget, Jobs:TimerBudget).";
        return new NamingAnswer(new Dictionary<int, ModelName>(), due.ToDictionary(cluster => cluster.Number, _ => reason), reason);
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

    private async Task<long> CountAsync(int first, CancellationToken cancellationToken)
    {
        var count = 0L;
        while (await FindAsync(first, cancellationToken) is { Count: > 0 } due)
        {
            count += due.Count;
            first = due[^1].Number + 1;
        }

        return count;
    }

    // A name from LexyHub's own code is kept like a model's while the members stay together.
    private bool IsDue(ClusterNaming naming, IReadOnlyList<LabelMember> members)
        => (naming.Source != namer.Model && naming.Source != ClusterNaming.LexyHub)
            || MemberHashes.Similarity(naming.Members, HashesOf(members)) < scope.Options.RelabelBelow;

    private async Task<RebuildState> WriteAsync(
        RebuildState next, List<(int Number, ClusterNaming Naming)> names, CancellationToken cancellationToken)
    {
        var usage = namer.TakeUsage();
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await using (var batch = new NpgsqlBatch(transaction.Connection))
        {
            DayUsageStore.Clusters.Add(batch, Today, namer.Model, usage.Requests, usage.Tokens, usage.CostUsd);
            if (batch.BatchCommands.Count > 0)
            {
                await batch.ExecuteNonQueryAsync(cancellationToken);
            }
        }

        await LabelStore.WriteAsync(transaction.Connection, scope.Id, names, cancellationToken);
        await RebuildStore.SaveAsync(transaction.Connection, scope.Id, next, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress, cancellationToken);
        scope.Naming.Add(usage);
        return next;
    }
}
