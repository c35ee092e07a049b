namespace LexyHub.Core.Clusters;

/// <summary>Which clusters of a market are named anew, and how.</summary>
internal static class ClusterNames
{
    private const int DescribedMembers = 4;

    /// <param name="names">All of the market's new clusters, with the names that they have from before.</param>
    /// <param name="members">Of each, the most central first.</param>
    /// <param name="relabelBelow">See <see cref="ClusterOptions.RelabelBelow"/>.</param>
    /// <param name="now">When they are named.</param>
    /// <returns>The names that are new.</returns>
    public static List<(int Number, ClusterNaming Naming)> Choose(
        IReadOnlyList<NewClusterName> names,
        IReadOnlyDictionary<int, IReadOnlyList<LabelMember>> members,
        double relabelBelow,
        DateTimeOffset now)
    {
        var taken = new HashSet<string>(new LabelComparer());
        var changed = new List<(int Number, byte[] Members)>();
        foreach (var (number, naming) in names)
        {
            var hashes = MemberHashes.Of([.. members[number].Select(member => member.Term)]);
            if (IsStale(naming, hashes, relabelBelow))
            {
                changed.Add((number, hashes));
            }
            else
            {
                taken.Add(naming!.Label);
            }
        }

        if (changed.Count == 0)
        {
            return [];
        }

        // The largest first: of two that would have the same name it keeps the plain one.
        var labels = new ClusterLabels([.. members.Values]);
        return [.. changed
            .OrderByDescending(one => members[one.Number].Count).ThenBy(one => one.Number)
            .Select(one => (one.Number, Name(labels.Choose(members[one.Number], taken), members[one.Number], one.Members, now)))];
    }

    private static bool IsStale(ClusterNaming? naming, byte[] members, double relabelBelow)
        => string.IsNullOrWhiteSpace(naming?.Label) || MemberHashes.Similarity(naming.Members, members) < relabelBelow;

    private static ClusterNaming Name(ClusterLabel label, IReadOnlyList<LabelMember> members, byte[] hashes, DateTimeOffset now)
        => new(label.Label, Describe(label, members), (float)label.Confidence, ClusterNaming.Words, hashes, now, null);

    private static string Describe(ClusterLabel label, IReadOnlyList<LabelMember> members)
        => $"Keywords such as {string.Join(", ", members.Take(DescribedMembers).Select(member => $"“{member.Term}”"))}; "
            + $"set apart by {string.Join(", ", label.Words)}.";
}
