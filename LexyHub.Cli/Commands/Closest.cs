namespace LexyHub.Cli.Commands;

/// <summary>Finds what was probably meant.</summary>
internal static class Closest
{
    /// <returns>The candidate nearest to <paramref name="text"/>, or null where none is near.</returns>
    public static string? To(string text, IEnumerable<string> candidates)
        => candidates
            .Select(candidate => (candidate, distance: Near(text, candidate)))
            .Where(pair => pair.distance <= Math.Max(2, text.Length / 3))
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();

    // The first part of a name counts as near: 'trend' for 'trend-aggregation'.
    private static int Near(string text, string candidate)
        => text.Length >= 3 && candidate.StartsWith(text, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(text.ToLowerInvariant(), candidate);

    // Levenshtein's distance, row by row.
    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        foreach (var (i, ofA) in a.Index())
        {
            var row = new int[b.Length + 1];
            row[0] = i + 1;
            foreach (var (j, ofB) in b.Index())
            {
                row[j + 1] = Math.Min(Math.Min(row[j], previous[j + 1]) + 1, previous[j] + (ofA == ofB ? 0 : 1));
            }

            previous = row;
        }

        return previous[^1];
    }
}
