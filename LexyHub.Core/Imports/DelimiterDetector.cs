namespace LexyHub.Core.Imports;

/// <summary>Tells comma, tab and semicolon apart by the first lines of a file.</summary>
internal static class DelimiterDetector
{
    private const int LinesLookedAt = 50;
    private const string Candidates = ",\t;";

    /// <returns>The candidate that most lines hold outside quotes; among equals the one whose number per line is the most
    /// regular, then the first of comma, tab, semicolon. Comma where no line holds any.</returns>
    public static char Detect(ReadOnlySpan<char> sample)
    {
        var lines = Count(sample);
        return Candidates
            .Select((candidate, i) => (candidate, counts: lines.Select(line => line[i]).Where(n => n > 0).ToList()))
            .OrderByDescending(c => c.counts.Count)
            .ThenByDescending(c => c.counts.CountBy(n => n).Select(group => group.Value).DefaultIfEmpty().Max())
            .First().candidate;
    }

    private static List<int[]> Count(ReadOnlySpan<char> sample)
    {
        var lines = new List<int[]>();
        var current = new int[Candidates.Length];
        var inQuotes = false;
        foreach (var c in sample)
        {
            if (c == '"')
            {
                inQuotes = !inQuotes;
            }
            else if (c is '\n' or '\r')
            {
                // A broken quote must not hide all that follows: a line's end closes it here.
                inQuotes = false;
                lines.Add(current);
                current = new int[Candidates.Length];
                if (lines.Count == LinesLookedAt)
                {
                    return lines;
                }
            }
            else if (!inQuotes && Candidates.IndexOf(c, StringComparison.Ordinal) is >= 0 and var i)
            {
                current[i]++;
            }
        }

        lines.Add(current);
        return lines;
    }
}
