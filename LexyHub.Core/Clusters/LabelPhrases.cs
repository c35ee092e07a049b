namespace LexyHub.Core.Clusters;

/// <summary>All phrases of a cluster's members.</summary>
internal sealed class LabelPhrases
{
    private const int MaxWords = 4;

    // So many of the members that hold a phrase's words must hold them in its order, or it is not how they say it.
    private const double MinInOrder = 0.5;

    private readonly List<LabelVoter> voters;
    private readonly Dictionary<string, LabelPhrase> byKey = new(StringComparer.Ordinal);

    public LabelPhrases(List<LabelVoter> voters)
    {
        this.voters = voters;
        Weight = voters.Sum(voter => voter.Weight);
        foreach (var voter in voters)
        {
            foreach (var (start, length) in Places(voter.Words.Length))
            {
                Note(voter, start, length);
            }
        }
    }

    /// <summary>Of all members.</summary>
    public double Weight { get; }

    public IEnumerable<LabelPhrase> All => byKey.Values;

    /// <returns>0–1: the share of members, weighed, that hold all the words, in any order; 0 where it is only one of several.</returns>
    public double Share(IReadOnlyCollection<string> folded)
    {
        var (holding, holders) = (0.0, 0);
        foreach (var voter in voters)
        {
            if (folded.All(voter.Distinct.Contains))
            {
                (holding, holders) = (holding + voter.Weight, holders + 1);
            }
        }

        return Weight > 0 && holders >= Math.Min(2, voters.Count) ? holding / Weight : 0;
    }

    /// <returns>Whether members that hold the words mostly say them in this order.</returns>
    public bool IsUsual(LabelPhrase phrase, double share) => phrase.Weight >= MinInOrder * share * Weight;

    private static IEnumerable<(int Start, int Length)> Places(int words)
        => from start in Enumerable.Range(0, words)
           from length in Enumerable.Range(1, Math.Min(MaxWords, words - start))
           select (start, length);

    private void Note(LabelVoter voter, int start, int length)
    {
        var folded = voter.Folded[start..(start + length)];
        if (folded.Distinct().Count() < length)
        {
            // "boot boots".
            return;
        }

        var words = voter.Words[start..(start + length)];
        var key = string.Join(' ', folded);
        if (!byKey.TryGetValue(key, out var phrase))
        {
            byKey[key] = phrase = new LabelPhrase(key, words, folded);
        }

        phrase.Add(string.Join(' ', words), voter.Weight);
    }
}
