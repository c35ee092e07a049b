using LexyHub.Core.Trends.Sources;

namespace LexyHub.Core.Trends;

/// <summary>What one source said of a term for one UTC day.</summary>
/// <remarks>
/// A history is a span of readings with ascending days, one a day at most, partial periods left out.
/// A day without a reading is unknown; a reading of zero is a measurement.
/// </remarks>
/// <param name="Value">In the source's own unit; finite. Negative only in <see cref="SignalScale.Percent"/>.</param>
public readonly record struct Reading(DateOnly Day, double Value);
