namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Leaves a keyword in its home, the cluster that it was in, unless another one is nearer by a margin: one that lies between two would
/// change sides with every few new keywords, and draw both centroids after it.
/// </summary>
/// <remarks>
/// As in evolutionary k-means (Chakrabarti, Kumar and Tomkins, "Evolutionary clustering", KDD 2006) what k-means makes as large as may be is the
/// quality of today less a cost of history, here of each keyword that is not at home: Σ cos(x, c(x)) − margin · [c(x) ≠ home(x)].
/// Neither of its two steps lowers that sum, so that it comes to an end as without.
/// </remarks>
internal static class Loyalty
{
    /// <summary>Cosine by which another cluster has to be nearer than the home, in the space in which clusters are found.</summary>
    public const double Margin = 0.03;

    /// <summary>Homes after clusters were split, merged and numbered anew: where most of a cluster went, those go whose home it was.</summary>
    /// <param name="homes">Of each row its home, negative: none; rewritten. Where nothing is left of the old one it is where the row is.</param>
    /// <param name="before">Of each row its cluster before.</param>
    /// <param name="after">Of each row its cluster now.</param>
    public static void Follow(int[] homes, int[] before, int[] after)
    {
        var heirs = before.Zip(after).Where(pair => pair is { First: >= 0, Second: >= 0 }).CountBy(pair => pair)
            .GroupBy(count => count.Key.First)
            .ToDictionary(counts => counts.Key, counts => counts.OrderByDescending(count => count.Value).ThenBy(count => count.Key.Second).First().Key.Second);
        for (var row = 0; row < homes.Length; row++)
        {
            if (homes[row] >= 0)
                homes[row] = heirs.GetValueOrDefault(homes[row], after[row]);
        }
    }
}
