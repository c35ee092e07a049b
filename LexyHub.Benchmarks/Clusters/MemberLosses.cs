namespace LexyHub.Benchmarks.Clusters;

/// <summary>What became of the members of a day in the clusters of the next one. Counts; together they are all members.</summary>
/// <param name="Kept">In the cluster of the same id.</param>
/// <param name="Unclustered">In none: outliers now.</param>
/// <param name="Moved">In another cluster; theirs and that one are there on both days.</param>
/// <param name="Split">In a newborn cluster, while theirs goes on.</param>
/// <param name="Merged">In another cluster of the day before; theirs is gone.</param>
/// <param name="Renamed">In a newborn cluster; theirs is gone: the id got lost in matching, or the cluster fell apart.</param>
internal sealed record MemberLosses(int Kept, int Unclustered, int Moved, int Split, int Merged, int Renamed)
{
    public int Members => Kept + Unclustered + Moved + Split + Merged + Renamed;

    public double KeptShare => Members == 0 ? 1 : Kept / (double)Members;

    /// <param name="before">Of each keyword its cluster.</param>
    /// <param name="after">Of the same keywords and more.</param>
    public static MemberLosses Of(IReadOnlyDictionary<string, Guid?> before, IReadOnlyDictionary<string, Guid?> after)
    {
        var (were, are) = (before.Values.ToHashSet(), after.Values.ToHashSet());
        var fates = before.Where(one => one.Value is not null)
            .CountBy(one => FateOf(one.Value, after[one.Key], were, are)).ToDictionary();
        return new MemberLosses(
            Count(Fate.Kept), Count(Fate.Unclustered), Count(Fate.Moved), Count(Fate.Split), Count(Fate.Merged), Count(Fate.Renamed));

        int Count(Fate fate) => fates.GetValueOrDefault(fate);
    }

    private static Fate FateOf(Guid? was, Guid? now, HashSet<Guid?> were, HashSet<Guid?> are)
        => (now, are.Contains(was), were.Contains(now)) switch
        {
            (null, _, _) => Fate.Unclustered,
            _ when now == was => Fate.Kept,
            (_, true, true) => Fate.Moved,
            (_, true, false) => Fate.Split,
            (_, false, true) => Fate.Merged,
            _ => Fate.Renamed,
        };

    private enum Fate
    {
        Kept,
        Unclustered,
        Moved,
        Split,
        Merged,
        Renamed,
    }
}
