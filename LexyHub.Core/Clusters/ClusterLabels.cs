namespace LexyHub.Core.Clusters;

/// <summary>A member as a label sees it.</summary>
/// <param name="Term">In normal form.</param>
/// <param name="Similarity">Cosine to the centroid; higher is more central.</param>
internal readonly record struct LabelMember(string Term, float Similarity);

/// <summary>A name for a cluster, and how well it stands for it.</summary>
/// <param name="Label">A phrase as members spell it.</param>
/// <param name="Confidence">0–1: the share of members, weighed by their similarity, that hold all its words.</param>
/// <param name="Words">The words that set the cluster apart, the most telling first.</param>
internal sealed record ClusterLabel(string Label, double Confidence, IReadOnlyList<string> Words);

/// <summary>Labels from the members' own words: the phrase that most members hold and that other clusters hold least.</summary>
/// <remarks>A word weighs as in class-based TF-IDF (Grootendorst 2022, BERTopic): its frequency within the cluster times
/// log(1 + words of a mean cluster / frequency of the word overall). A phrase is worth the sum of its words' weights times the
/// share of members that hold all of them, in any order; so a longer phrase wins while most members still hold it.</remarks>
internal sealed class ClusterLabels
{
    /// <summary>Only the most central members vote in a cluster that has more.</summary>
    public const int MaxVoters = 400;

    /// <summary>Below so much confidence no phrase speaks for the cluster: its most central member does.</summary>
    public const double MinConfidence = 0.2;

    private const int MaxPhraseWords = 4;
    private const int Candidates = 24;
    private const int TellingWords = 5;

    private readonly Dictionary<string, double> overall = new(StringComparer.Ordinal);
    private readonly double wordsPerCluster;

    /// <param name="clusters">All clusters of a market: what is common to them says nothing of any.</param>
    public ClusterLabels(IReadOnlyCollection<IReadOnlyList<LabelMember>> clusters)
    {
        double words = 0;
        foreach (var member in clusters.SelectMany(Voters))
        {
            foreach (var word in LabelWords.Split(member.Term))
            {
                var folded = LabelWords.Fold(word);
                overall[folded] = overall.GetValueOrDefault(folded) + 1;
                words++;
            }
        }

        wordsPerCluster = words / Math.Max(1, clusters.Count);
    }

    /// <param name="members">One of the clusters that the labels were made for, the most central member first.</param>
    /// <param name="taken">Labels of other clusters of the market; the chosen one is added.</param>
    public ClusterLabel Choose(IReadOnlyList<LabelMember> members, ISet<string> taken)
    {
        var voters = Voters(members).Select(member => new Voter(member)).ToList();
        var weights = WeighWords(voters);
        var telling = weights.Where(word => !LabelWords.IsFiller(word.Key))
            .OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal)
            .Take(TellingWords).Select(word => SpellingOf(word.Key, voters)).ToList();
        foreach (var (label, confidence) in Rank(voters, weights))
        {
            if (confidence >= MinConfidence && taken.Add(label))
            {
                return new ClusterLabel(label, confidence, telling);
            }
        }

        // All is taken or nothing speaks for most: the most central member whose name is free does, as far as members share its words.
        var central = members.FirstOrDefault(member => !taken.Contains(member.Term), members[0]).Term;
        taken.Add(central);
        return new ClusterLabel(central, Confidence(voters, [.. LabelWords.Split(central).Select(LabelWords.Fold)]), telling);
    }

    private static IEnumerable<LabelMember> Voters(IReadOnlyList<LabelMember> members) => members.Take(MaxVoters);

    private static string SpellingOf(string folded, List<Voter> voters)
        => voters.SelectMany(voter => voter.Words).Where(word => LabelWords.Fold(word) == folded)
            .GroupBy(word => word).OrderByDescending(same => same.Count()).ThenBy(same => same.Key, StringComparer.Ordinal).First().Key;

    private static double Confidence(List<Voter> voters, IReadOnlyCollection<string> words)
    {
        double holding = 0, all = 0;
        foreach (var voter in voters)
        {
            all += voter.Weight;
            holding += words.All(voter.Folded.Contains) ? voter.Weight : 0;
        }

        return all > 0 ? holding / all : 0;
    }

    private Dictionary<string, double> WeighWords(List<Voter> voters)
    {
        var counts = new Dictionary<string, double>(StringComparer.Ordinal);
        double words = 0;
        foreach (var voter in voters)
        {
            foreach (var word in voter.Folded)
            {
                counts[word] = counts.GetValueOrDefault(word) + voter.Weight;
            }

            words += voter.Weight;
        }

        return counts.ToDictionary(
            word => word.Key,
            word => word.Value / Math.Max(1e-9, words) * Math.Log(1 + (wordsPerCluster / overall[word.Key])),
            StringComparer.Ordinal);
    }

    private static List<(string Label, double Confidence)> Rank(List<Voter> voters, Dictionary<string, double> weights)
    {
        var phrases = new Dictionary<string, Phrase>(StringComparer.Ordinal);
        foreach (var voter in voters)
        {
            for (var start = 0; start < voter.Words.Length; start++)
            {
                for (var length = 1; length <= Math.Min(MaxPhraseWords, voter.Words.Length - start); length++)
                {
                    Note(phrases, voter, start, length);
                }
            }
        }

        return phrases.Values
            .Select(phrase => (Phrase: phrase, Worth: phrase.Folded.Distinct().Sum(word => weights[word])))
            .OrderByDescending(one => one.Worth * one.Phrase.Weight).ThenBy(one => one.Phrase.Key, StringComparer.Ordinal)
            .Take(Candidates)
            .Select(one => (one.Phrase, one.Worth, Confidence: Confidence(voters, one.Phrase.Folded)))
            .OrderByDescending(one => one.Worth * one.Confidence)
            .ThenByDescending(one => one.Phrase.Weight).ThenBy(one => one.Phrase.Key, StringComparer.Ordinal)
            .Select(one => (Label: one.Phrase.Spelling, one.Confidence))
            .ToList();
    }

    private static void Note(Dictionary<string, Phrase> phrases, Voter voter, int start, int length)
    {
        var words = voter.Words.AsSpan(start, length);
        if (LabelWords.IsFiller(words[0]) || LabelWords.IsFiller(words[^1]) || (length == 1 && words[0].Length < 2))
        {
            return;
        }

        var folded = words.ToArray().Select(LabelWords.Fold).ToArray();
        var key = string.Join(' ', folded);
        if (!phrases.TryGetValue(key, out var phrase))
        {
            phrases[key] = phrase = new Phrase(key, folded);
        }

        phrase.Add(string.Join(' ', words), voter.Weight);
    }

    private sealed class Voter(LabelMember member)
    {
        public string[] Words { get; } = LabelWords.Split(member.Term);

        public HashSet<string> Folded { get; } = [.. LabelWords.Split(member.Term).Select(LabelWords.Fold)];

        public double Weight { get; } = Math.Max(0.01, member.Similarity);
    }

    private sealed class Phrase(string key, string[] folded)
    {
        private readonly Dictionary<string, double> spellings = new(StringComparer.Ordinal);

        public string Key => key;

        public IReadOnlyList<string> Folded => folded;

        public double Weight { get; private set; }

        public string Spelling => spellings.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).First().Key;

        public void Add(string spelling, double weight)
        {
            spellings[spelling] = spellings.GetValueOrDefault(spelling) + weight;
            Weight += weight;
        }
    }
}
