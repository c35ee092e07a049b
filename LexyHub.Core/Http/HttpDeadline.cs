namespace LexyHub.Core.Http;

/// <summary>
/// The moment at which the current run has to be over. A cancellation token says only that it has come; with the
/// moment known, a wait that cannot end in time is not begun. It flows with the async call, so it also reaches
/// handlers below an SDK that passes nothing through.
/// </summary>
public static class HttpDeadline
{
    private static readonly AsyncLocal<DateTimeOffset?> s_current = new();

    /// <summary>Null where nobody set one.</summary>
    public static DateTimeOffset? Current => s_current.Value;

    /// <summary>Sets the deadline until the result is disposed; a sooner one that is already set stays.</summary>
    public static IDisposable Use(DateTimeOffset deadline)
    {
        var previous = s_current.Value;
        s_current.Value = previous < deadline ? previous : deadline;
        return new Restore(previous);
    }

    internal static bool Allows(TimeSpan wait, TimeProvider timeProvider)
        => Current is not { } deadline || wait < deadline - timeProvider.GetUtcNow();

    private sealed class Restore(DateTimeOffset? previous) : IDisposable
    {
        public void Dispose() => s_current.Value = previous;
    }
}
