namespace LexyHub.Core.Clusters;

/// <summary>A new cluster in all dimensions.</summary>
/// <param name="Centroid">Unit length; zeros where the members cancel each other out.</param>
/// <param name="Members">The most central first.</param>
/// <param name="Cohesion">Mean cosine of the members to the centroid.</param>
internal sealed record DescribedCluster(int Number, string Market, float[] Centroid, IReadOnlyList<LabelMember> Members, double Cohesion)
{
    public static DescribedCluster Of(int number, string market, float[] centroid, List<LabelMember> members)
    {
        members.Sort((one, other) => other.Similarity.CompareTo(one.Similarity) is not 0 and var order
            ? order
            : string.CompareOrdinal(one.Term, other.Term));
        return new DescribedCluster(
            number, market, centroid, members, members.Count == 0 ? 0 : members.Average(member => (double)member.Similarity));
    }
}
