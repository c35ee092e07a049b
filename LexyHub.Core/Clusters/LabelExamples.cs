namespace LexyHub.Core.Clusters;

/// <summary>Labels by example, for clusters whose members have nothing in common that would name them: "trees, mattresses, cannons for
/// sale", "best hover, gilet, brokers".</summary>
internal static class LabelExamples
{
    private const int MaxExamples = 3;
    private const int MaxWords = 4;
    private const int MaxLength = 48;

    // So many members must begin, or end, with what they share.
    private const double MinAtEdge = 0.5;

    /// <param name="voters">The most central first.</param>
    /// <param name="shared">What most of them hold.</param>
    /// <returns>What they share with that in which they differ; null where it stands at neither end of most.</returns>
    public static string? Around(IReadOnlyList<LabelVoter> voters, LabelPhrase shared)
    {
        var length = shared.Folded.Length;
        var before = voters.Where(voter => voter.Folded.Length > length && voter.Folded.AsSpan()[..length].SequenceEqual(shared.Folded)).ToList();
        var after = voters.Where(voter => voter.Folded.Length > length && voter.Folded.AsSpan()[^length..].SequenceEqual(shared.Folded)).ToList();
        var least = MinAtEdge * voters.Sum(voter => voter.Weight);
        return before.Sum(voter => voter.Weight) >= least
                ? List(before.Select(voter => voter.Words[length..]), shared.Spelling.Length, least: 2, goesOn: true) is { } rest ? $"{shared.Spelling} {rest}" : null
            : after.Sum(voter => voter.Weight) >= least
                ? List(after.Select(voter => voter.Words[..^length]), shared.Spelling.Length, least: 2) is { } front ? $"{front} {shared.Spelling}" : null
            : null;
    }

    /// <returns>The most central members that are told in few words; null where there are none.</returns>
    public static string? Of(IReadOnlyList<LabelVoter> voters)
        => List(voters.Select(voter => voter.Words), 0, Math.Min(2, voters.Count));

    // Where the first one goes on from what is shared, it keeps its beginning: "how much does a pc cost".
    private static string? List(IEnumerable<string[]> parts, int taken, int least, bool goesOn = false)
    {
        var (examples, seen) = (new List<string>(), new List<HashSet<string>>());
        foreach (var whole in parts)
        {
            var part = Trim(whole, goesOn && examples.Count == 0);
            if (part.Length is 0 or > MaxWords || !LabelWords.NameSomething(part))
            {
                continue;
            }

            HashSet<string> words = [.. part.Select(LabelWords.Fold)];
            if (seen.Any(other => words.IsSubsetOf(other) || other.IsSubsetOf(words)))
            {
                continue;
            }

            var example = string.Join(' ', part);
            if (taken + example.Length + 1 > MaxLength)
            {
                if (examples.Count > 0)
                {
                    break;
                }

                continue;
            }

            examples.Add(example);
            seen.Add(words);
            taken += example.Length + ", ".Length;
            if (examples.Count == MaxExamples)
            {
                break;
            }
        }

        return examples.Count >= least ? string.Join(", ", examples) : null;
    }

    private static string[] Trim(string[] words, bool keepsStart)
    {
        var (start, end) = (0, words.Length);
        while (!keepsStart && start < end && LabelWords.IsFiller(words[start]))
        {
            start++;
        }

        while (end > start && LabelWords.IsFiller(words[end - 1]))
        {
            end--;
        }

        return words[start..end];
    }
}
