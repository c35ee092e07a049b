namespace LexyHub.Core.Clusters;

/// <summary>A member that has a say in a label.</summary>
internal sealed class LabelVoter
{
    public LabelVoter(LabelMember member)
    {
        Words = LabelWords.Split(member.Term);
        Folded = [.. Words.Select(LabelWords.Fold)];
        Distinct = [.. Folded];
        Weight = Math.Max(0, member.Similarity);
    }

    /// <summary>As they are spelled.</summary>
    public string[] Words { get; }

    /// <summary>Singular and plural as one, in the same order.</summary>
    public string[] Folded { get; }

    public HashSet<string> Distinct { get; }

    /// <summary>Central members count for more.</summary>
    public double Weight { get; }
}
