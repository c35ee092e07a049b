namespace LexyHub.Core.Clusters;

/// <summary>A member as a label sees it.</summary>
/// <param name="Term">In normal form.</param>
/// <param name="Similarity">Cosine to the centroid; higher is more central.</param>
internal readonly record struct LabelMember(string Term, float Similarity);

/// <summary>A name for a cluster, and how well it stands for it.</summary>
/// <param name="Label">A phrase as members spell it, or some of them as examples.</param>
/// <param name="Confidence">0–1: the share of members, weighed by their similarity, that hold all its words; of a label by example
/// what they share, 0 where they share nothing.</param>
/// <param name="Words">The words that set the cluster apart, the most telling first.</param>
internal sealed record ClusterLabel(string Label, double Confidence, IReadOnlyList<string> Words);

/// <summary>Labels from the members' own words: the phrase that most members hold and that other clusters hold least.</summary>
/// <remarks>A word weighs as in class-based TF-IDF (Grootendorst 2022, BERTopic): its frequency within the cluster times
/// log(1 + words of a mean cluster / frequency of the word overall). A phrase is worth the sum of its words' weights times the
/// share of members that hold all of them, in any order; so a longer phrase wins while most members still hold it. Where all that
/// members share names nothing ("best", "for sale"), examples are the label.</remarks>
internal sealed class ClusterLabels
{
    /// <summary>Only the most central members vote in a cluster that has more.</summary>
    public const int MaxVoters = 400;

    /// <summary>Below so much confidence no phrase speaks for the cluster: examples do.</summary>
    public const double MinConfidence = 0.3;

    // A longer phrase is taken while so many of the members that hold the chosen one hold it too: "car hire" rather than "hire".
    private const double MinShareOfLonger = 0.6;

    // What names nothing is taken for what members share where so many of them begin or end with it, and no name is held by half as many.
    private const double MinShareOfNameless = 0.5;
    private const double NamelessPerNamed = 2;

    private const int Candidates = 40;
    private const int TellingWords = 5;

    private readonly Dictionary<string, double> overall = new(StringComparer.Ordinal);
    private readonly double wordsPerCluster;

    /// <param name="clusters">All clusters of a market: what is common to them says nothing of any.</param>
    public ClusterLabels(IReadOnlyCollection<IReadOnlyList<LabelMember>> clusters)
    {
        double words = 0;
        foreach (var word in clusters.SelectMany(Voters).SelectMany(member => LabelWords.Split(member.Term)))
        {
            var folded = LabelWords.Fold(word);
            overall[folded] = overall.GetValueOrDefault(folded) + 1;
            words++;
        }

        wordsPerCluster = words / Math.Max(1, clusters.Count);
    }

    /// <param name="members">One of the clusters that the labels were made for, the most central member first.</param>
    /// <param name="taken">Labels of other clusters of the market; the chosen one is added.</param>
    public ClusterLabel Choose(IReadOnlyList<LabelMember> members, ISet<string> taken)
    {
        var voters = Voters(members).Select(member => new LabelVoter(member)).ToList();
        var phrases = new LabelPhrases(voters);
        var weights = WeighWords(voters);
        var (label, confidence) = Labels(voters, phrases, weights).FirstOrDefault(one => !taken.Contains(one.Label));
        if (label is null)
        {
            // All is taken: the most central member whose name is free.
            label = members.FirstOrDefault(member => !taken.Contains(member.Term), members[0]).Term;
            confidence = phrases.Share([.. LabelWords.Split(label).Select(LabelWords.Fold)]);
        }

        taken.Add(label);
        return new ClusterLabel(label, confidence, [.. weights.Where(word => !LabelWords.IsFiller(word.Key))
            .OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal)
            .Take(TellingWords).Select(word => phrases.All.First(phrase => phrase.Key == word.Key).Spelling)]);
    }

    private static IEnumerable<LabelMember> Voters(IReadOnlyList<LabelMember> members) => members.Take(MaxVoters);

    // The better ones first.
    private static IEnumerable<(string Label, double Confidence)> Labels(
        List<LabelVoter> voters, LabelPhrases phrases, Dictionary<string, double> weights)
    {
        var named = Named(phrases, weights);
        var nameless = Nameless(phrases);
        if (named is [var first, ..]
            && nameless.Exists(one => one.Share >= NamelessPerNamed * first.Share && !first.Phrase.Contains(one.Phrase)))
        {
            foreach (var one in ByExample(nameless))
            {
                yield return one;
            }
        }

        foreach (var one in named)
        {
            var (longer, share) = Lengthen(phrases, one);
            yield return (longer.Spelling, share);
            yield return (one.Phrase.Spelling, one.Share);
        }

        foreach (var one in ByExample([.. named.Take(1), .. nameless]))
        {
            yield return one;
        }

        if (LabelExamples.Of(voters) is { } examples)
        {
            yield return (examples, 0);
        }

        IEnumerable<(string, double)> ByExample(IEnumerable<(LabelPhrase Phrase, double Share)> shared)
            => from one in shared
               let label = LabelExamples.Around(voters, one.Phrase)
               where label is not null
               select (label, one.Share);
    }

    private static List<(LabelPhrase Phrase, double Share)> Named(LabelPhrases phrases, Dictionary<string, double> weights)
        => [.. phrases.All.Where(phrase => phrase.IsWhole && phrase.NamesSomething)
            .Select(phrase => (Phrase: phrase, Worth: phrase.Folded.Where(word => !LabelWords.IsFiller(word)).Sum(word => weights[word])))
            .OrderByDescending(one => one.Worth * one.Phrase.Weight).ThenBy(one => one.Phrase.Key, StringComparer.Ordinal)
            .Take(Candidates)
            .Select(one => (one.Phrase, one.Worth, Share: phrases.Share(one.Phrase.Folded)))
            .Where(one => one.Share >= MinConfidence && phrases.IsUsual(one.Phrase, one.Share))
            .OrderByDescending(one => one.Worth * one.Share)
            .ThenByDescending(one => one.Phrase.Weight).ThenBy(one => one.Phrase.Key, StringComparer.Ordinal)
            .Select(one => (one.Phrase, one.Share))];

    // What most members say and what names nothing, the longest first.
    private static List<(LabelPhrase Phrase, double Share)> Nameless(LabelPhrases phrases)
        => [.. phrases.All.Where(phrase => !phrase.NamesSomething && phrase.Weight >= MinShareOfNameless * phrases.Weight)
            .Select(phrase => (Phrase: phrase, Share: phrases.Share(phrase.Folded)))
            .Where(one => one.Share > 0)
            .OrderByDescending(one => one.Phrase.Folded.Length * one.Phrase.Weight).ThenBy(one => one.Phrase.Key, StringComparer.Ordinal)];

    private static (LabelPhrase Phrase, double Share) Lengthen(LabelPhrases phrases, (LabelPhrase Phrase, double Share) chosen)
    {
        var (phrase, share) = chosen;
        while (phrases.All.Where(longer => longer.IsWhole && longer.Folded.Length > phrase.Folded.Length && longer.Contains(phrase))
            .Select(longer => (Phrase: longer, Share: phrases.Share(longer.Folded)))
            .Where(longer => longer.Share >= MinShareOfLonger * chosen.Share && phrases.IsUsual(longer.Phrase, longer.Share))
            .OrderByDescending(longer => longer.Share).ThenByDescending(longer => longer.Phrase.Weight).ThenBy(longer => longer.Phrase.Key, StringComparer.Ordinal)
            .Select(longer => ((LabelPhrase Phrase, double Share)?)longer).FirstOrDefault() is { } next)
        {
            (phrase, share) = next;
        }

        return (phrase, share);
    }

    private Dictionary<string, double> WeighWords(List<LabelVoter> voters)
    {
        var counts = new Dictionary<string, double>(StringComparer.Ordinal);
        double words = 0;
        foreach (var voter in voters)
        {
            foreach (var word in voter.Distinct)
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
}
