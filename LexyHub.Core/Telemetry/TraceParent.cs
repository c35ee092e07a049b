using System.Diagnostics;

namespace LexyHub.Core.Telemetry;

/// <summary>The trace that a request or a timer belongs to, as W3C's headers <c>traceparent</c> and <c>tracestate</c> name it.</summary>
/// <param name="Parent">Null where there is none; one that is malformed counts as none.</param>
/// <param name="State">Null where there is none.</param>
public readonly record struct TraceParent(string? Parent, string? State)
{
    /// <returns>The span to continue; the default where there is none.</returns>
    internal ActivityContext ToContext()
        => Parent is not null && ActivityContext.TryParse(Parent, State, isRemote: true, out var context) ? context : default;
}
