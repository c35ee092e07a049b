namespace LexyHub.Core.Clusters;

/// <summary>How many more clusters a market is searched for than it had.</summary>
/// <param name="Additional">Clusters to begin with beyond those that there are.</param>
/// <param name="Terms">Terms for which there are clusters enough then, found or not.</param>
internal readonly record struct ClusterGrowth(int Additional, int Terms)
{
    // Of the clusters that keep the mean size so many are looked for from the start; the others come by themselves, split off or
    // gathered from outliers. (All of them make more clusters in ten days than a clustering from nothing finds.)
    private const int Divisor = 2;

    /// <summary>What is less than one cluster's worth waits until it is one.</summary>
    /// <param name="terms">Of the market.</param>
    /// <param name="clusters">That there are; none where all are looked for anew.</param>
    /// <param name="before">Terms for which they were enough; null where that is not known.</param>
    public static ClusterGrowth Of(int terms, int clusters, int? before)
    {
        if (clusters == 0 || before is not > 0 || terms <= before)
            return new ClusterGrowth(0, terms);

        var additional = (int)((long)clusters * (terms - before.Value) / before.Value / Divisor);
        return new ClusterGrowth(additional, (int)Math.Min(terms, before.Value + ((long)before.Value * additional * Divisor / clusters)));
    }
}
