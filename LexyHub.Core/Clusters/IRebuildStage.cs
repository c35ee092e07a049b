namespace LexyHub.Core.Clusters;

/// <summary>One stage of a rebuild, done in steps.</summary>
internal interface IRebuildStage
{
    /// <summary>Does one step, short against a run's budget, and commits what it has come to with the state it returns; or keeps it
    /// until a later step or <see cref="SuspendAsync"/>.</summary>
    Task<RebuildState> StepAsync(RebuildState state, CancellationToken cancellationToken);

    /// <summary>The run has to stop: commits what is not committed yet.</summary>
    Task SuspendAsync(RebuildState state, CancellationToken cancellationToken) => Task.CompletedTask;
}
