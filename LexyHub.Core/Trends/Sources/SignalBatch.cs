namespace LexyHub.Core.Trends.Sources;

/// <summary>What one step of a fetch brought; committed as a whole.</summary>
/// <param name="Signals">
/// No two of one fetch share term, source and day, whether in the same batch or in another, so a batch can be upserted as it is.
/// </param>
public sealed record SignalBatch(IReadOnlyList<Signal> Signals)
{
    /// <summary>
    /// The terms that were asked for and answered, also those that had no reading. Only sources that ask term by term fill it:
    /// remember them beside the signals, or a term that nobody searches for stays the least recently read for ever.
    /// </summary>
    public IReadOnlyList<string> TermsRead { get; init; } = [];
}
