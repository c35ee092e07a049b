using System.Text.Json.Nodes;
using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Clusters;

/// <summary>Semantic clusters of all keywords that have a vector of the current model, per market. A rebuild goes on over as many
/// runs as it needs; nobody sees it before it is whole.</summary>
public sealed class RebuildClustersJob(
    IEmbeddingServiceFactory services,
    IChatServiceFactory chatServices,
    KeywordTerms keywordTerms,
    IOptions<ClusterOptions> options,
    IOptions<EmbeddingOptions> embeddingOptions,
    TimeProvider time,
    ILogger<RebuildClustersJob> logger) : IJob
{
    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var embeddings = EmbeddingScope.Of(services.Resolve(), embeddingOptions.Value);
        var reduction = DimensionReduction.For(
            embeddings.Model, embeddings.Dimensions, options.Value.Dimensions ?? DimensionReduction.DefaultFor(embeddings.Model));
        await ClusterCoverage.CheckWidthAsync(context.DataSource, embeddings.Dimensions, cancellationToken);
        await keywordTerms.SyncAsync(context, cancellationToken);
        var settings = RebuildScope.SettingsOf(embeddings, reduction, options.Value);
        var (id, state) = await RebuildStore.OpenAsync(context, settings, time.GetUtcNow(), cancellationToken);
        var scope = new RebuildScope(context, id, embeddings, reduction, options.Value, time);

        var isOnlyTheSwapLeft = state.Stage == RebuildStage.Swapping;
        state = await AdvanceAsync(scope, state, RebuildStage.Clustering, cancellationToken);
        if (state.Stage >= RebuildStage.Clustering && await ClusterCoverage.FindReasonToWaitAsync(scope, state, cancellationToken) is { } reason)
        {
            return await GiveUpAsync(scope, state, reason, cancellationToken);
        }

        state = await AdvanceAsync(scope, state, RebuildStage.Swapping, cancellationToken);
        return isOnlyTheSwapLeft || (state.Stage == RebuildStage.Swapping && context.StopRequested is null)
            ? await SwapAsync(scope, state, cancellationToken)
            : Suspended(scope, state);
    }

    // At least one step a run, whatever the budget: so every rebuild comes to its end.
    private async Task<RebuildState> AdvanceAsync(
        RebuildScope scope, RebuildState state, RebuildStage until, CancellationToken cancellationToken)
    {
        var current = state.Stage;
        IRebuildStage? stage = null;
        while (state.Stage < until)
        {
            if (stage is null || current != state.Stage)
            {
                current = state.Stage;
                stage = StageOf(scope, current);
            }

            state = await stage.StepAsync(state, cancellationToken);
            if (scope.Context.StopRequested is not null)
            {
                if (current == state.Stage)
                {
                    await stage.SuspendAsync(state, cancellationToken);
                }

                break;
            }
        }

        return state;
    }

    private static JobOutcome Suspended(RebuildScope scope, RebuildState state) => new()
    {
        Processed = scope.Context.LastProgress.Processed,
        Remaining = Math.Max(1, state.Points),
        Stopped = scope.Context.StopRequested ?? StopReason.Time,
        Failed = scope.Naming.Failed,
        Tokens = scope.Naming.Tokens,
        Errors = [.. state.Errors, .. scope.Naming.Errors],
        Message = $"The rebuild goes on at the next run ({state.Stage.ToString().ToLowerInvariant()}); the clusters of before are still there.",
    };

    private IRebuildStage StageOf(RebuildScope scope, RebuildStage stage) => stage switch
    {
        RebuildStage.Reading => new ReadingStage(scope),
        RebuildStage.Clustering => new ClusteringStage(scope),
        RebuildStage.Matching => new MatchingStage(scope),
        RebuildStage.Describing => new DescribingStage(scope),
        RebuildStage.Labelling => new LabellingStage(scope, ResolveNamer() is not null),
        RebuildStage.Naming when ResolveNamer() is { } namer => new NamingStage(scope, namer),
        RebuildStage.Naming or RebuildStage.Placing => new PlacingStage(scope),
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, null),
    };

    private ClusterNamer? ResolveNamer()
        => options.Value.LabelByModel && chatServices.Resolve() is { } chat ? new ClusterNamer(chat) : null;

    private async Task<JobOutcome> SwapAsync(RebuildScope scope, RebuildState state, CancellationToken cancellationToken)
    {
        if (await TrySwapAsync(scope, state, cancellationToken) is not { } counts)
        {
            return await GiveUpAsync(
                scope, state, "All keywords have gone while the clusters were being made: those of before are left as they are.", cancellationToken);
        }

        await new ClusterPlacement(scope.Context, scope.Embeddings, logger).RunAsync(cancellationToken);
        Log.Rebuilt(logger, counts.Clusters, counts.Members, counts.Outliers, counts.Created, counts.Kept, counts.Retired);
        return new JobOutcome
        {
            Processed = counts.Members + counts.Outliers,
            Failed = state.Rejected + scope.Naming.Failed,
            Remaining = state.Unnamed,
            Stopped = state.Unnamed > 0 ? StopReason.Cap : null,
            Tokens = scope.Naming.Tokens,
            Errors = [.. state.Errors, .. scope.Naming.Errors],
            Message = state switch
            {
                { Points: 0 } => $"No keyword has a vector of {scope.Model}. embed-missing makes them.",
                { Unnamed: > 0 } => $"{state.Unnamed} clusters keep the labels that they had: Clusters:MaxTokensPerDay is used up.",
                _ => null,
            },
            Counts = new JsonObject
            {
                ["clusters"] = counts.Clusters,
                ["members"] = counts.Members,
                ["outliers"] = counts.Outliers,
                ["outlierShare"] = Math.Round(counts.Outliers / (double)Math.Max(1, counts.Members + counts.Outliers), 4),
                ["created"] = counts.Created,
                ["kept"] = counts.Kept,
                ["retired"] = counts.Retired,
                ["missing"] = state.Missing,
                ["named"] = (long)scope.Naming.Named,
                ["requests"] = (long)scope.Naming.Requests,
                ["tokens"] = scope.Naming.Tokens,
                ["estimatedCostUsd"] = scope.Naming.CostUsd,
                ["model"] = scope.Model,
                ["reduction"] = scope.ReductionName,
            },
        };
    }

    private async Task<ClusterCounts?> TrySwapAsync(RebuildScope scope, RebuildState state, CancellationToken cancellationToken)
    {
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        var counts = await ClusterSwap.RunAsync(transaction.Connection, scope, time.GetUtcNow(), cancellationToken);
        if (counts is not null)
        {
            await RebuildStore.DropAsync(transaction.Connection, cancellationToken);
            await transaction.CommitAsync(new JobProgress("done", counts.Members + counts.Outliers, state.Rejected), cancellationToken);
        }

        return counts;
    }

    private static async Task<JobOutcome> GiveUpAsync(RebuildScope scope, RebuildState state, string reason, CancellationToken cancellationToken)
    {
        await using var transaction = await scope.Context.BeginWriteAsync(cancellationToken);
        await RebuildStore.DropAsync(transaction.Connection, cancellationToken);
        await transaction.CommitAsync(scope.Context.LastProgress with { Stage = "waiting for vectors" }, cancellationToken);
        return new JobOutcome { Skipped = true, Failed = state.Rejected, Errors = state.Errors, Message = reason };
    }
}
