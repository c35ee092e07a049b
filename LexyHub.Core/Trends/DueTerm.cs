using System.Runtime.InteropServices;

namespace LexyHub.Core.Trends;

/// <summary>A term to be worked on, with its readings by source.</summary>
/// <param name="term">In normal form.</param>
/// <param name="since">Earliest new reading; null where none is new.</param>
/// <param name="version">Of its row in <c>trend_due</c>; 0 where it has none.</param>
internal sealed class DueTerm(string term, DateOnly? since, long version)
{
    // Readings of all sources in one list, in the order of the query: source, then day.
    private readonly List<Reading> readings = [];
    private readonly List<(string Source, int End)> sources = [];

    public string Term { get; } = term;

    public DateOnly? Since { get; } = since;

    public long Version { get; } = version;

    public int ReadingCount => readings.Count;

    public int SourceCount => sources.Count;

    public void Add(string source, Reading reading)
    {
        readings.Add(reading);
        if (sources.Count > 0 && sources[^1].Source == source)
        {
            sources[^1] = (sources[^1].Source, readings.Count);
        }
        else
        {
            sources.Add((source, readings.Count));
        }
    }

    public string SourceAt(int index) => sources[index].Source;

    public ReadOnlySpan<Reading> ReadingsAt(int index)
    {
        var start = index == 0 ? 0 : sources[index - 1].End;
        return CollectionsMarshal.AsSpan(readings)[start..sources[index].End];
    }
}
