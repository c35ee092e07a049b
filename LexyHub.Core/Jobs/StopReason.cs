namespace LexyHub.Core.Jobs;

/// <summary>Why a run ended <see cref="RunStatus.Partial"/>; <c>stopReason</c> in its answer.</summary>
public enum StopReason
{
    /// <summary>Its time budget was used up. Calling again goes on.</summary>
    Time,

    /// <summary>A cap per UTC day was reached.</summary>
    Cap,

    /// <summary>A provider's rate limit lasts longer than the budget.</summary>
    RateLimit,

    /// <summary>The host is shutting down, or a person pressed Ctrl-C.</summary>
    Shutdown,

    /// <summary>It came to its end, and some items failed.</summary>
    FailedItems,
}

/// <summary>The words of <see cref="StopReason"/> in answers and rows.</summary>
public static class StopReasonNames
{
    public static string ToWire(this StopReason reason) => reason switch
    {
        StopReason.Time => "time",
        StopReason.Cap => "cap",
        StopReason.RateLimit => "rate-limit",
        StopReason.Shutdown => "shutdown",
        StopReason.FailedItems => "failed-items",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
