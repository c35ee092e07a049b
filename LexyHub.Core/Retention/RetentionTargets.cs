namespace LexyHub.Core.Retention;

/// <summary>Everything that grows old, the quick ones first.</summary>
internal static class RetentionTargets
{
    public static IReadOnlyList<RetentionTarget> All { get; } = [.. StatementTarget.All, new SignalTarget(), new UnusedVectorTarget()];
}
