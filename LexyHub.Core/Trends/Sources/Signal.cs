using LexyHub.Core.Data;

namespace LexyHub.Core.Trends.Sources;

/// <summary>One reading of a term by a source, in the source's own unit.</summary>
/// <param name="Term">In the form of <see cref="TermText.Normalize"/>, never empty.</param>
/// <param name="Source">
/// Names the series the reading belongs to. All readings of one name share one scale, so that they can be compared:
/// what a service measures in two units has two names (<c>pinterest</c>, <c>pinterest-growth</c>).
/// </param>
/// <param name="RecordedOn">The last UTC day that the reading covers; periods that are not over yet are left out.</param>
/// <param name="Value">
/// Finite. At least 0, except on <see cref="SignalScale.Percent"/>, where it is at least −100.
/// Zero is a reading; what was not measured has no signal at all.
/// </param>
public sealed record Signal(string Term, string Source, DateOnly RecordedOn, double Value, SignalScale Scale);

/// <summary>What a signal's value means.</summary>
public enum SignalScale
{
    /// <summary>0–1.</summary>
    Unit,

    /// <summary>0–100, relative to a peak of the source's own choosing.</summary>
    Index,

    /// <summary>0 and up without a bound: posts, searches, a consistently scaled interest.</summary>
    Count,

    /// <summary>Growth in per cent, −100 and up; 0 is no change.</summary>
    Percent,
}
