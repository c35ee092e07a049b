using System.Numerics;

namespace LexyHub.Core.Intents;

/// <summary>Takes the features of a text, one by one.</summary>
internal interface ILexiconFeatures
{
    /// <param name="word">Index of the word in the text that the feature is of; −1 of the whole text.</param>
    void Add(scoped LexiconFeature feature, int word);

    /// <returns>Whether the parts of the word are known from the word: then they are not given.</returns>
    bool AddWord(scoped LexiconFeature feature, int word);
}

/// <summary>
/// All that the network sees of a text: its cues, shape, head and build, and its words, by themselves, in pairs, beside the kinds of their
/// neighbours, by their clusters, and in parts of three and four letters, by which a word that no phrase had still looks like others.
/// </summary>
internal static class LexiconFeatures
{
    private const int ShortestPart = 3;
    private const int LongestPart = 4;

    /// <summary>Of a longer word the first letters.</summary>
    private const int LongestWord = 30;

    public static void Read<T>(scoped ReadOnlySpan<char> text, scoped in LexiconReading reading, Lexicon lexicon, ref T features)
        where T : ILexiconFeatures, allows ref struct
    {
        for (var bits = reading.Cues & ~lexicon.Classes; bits != 0; bits &= bits - 1)
            features.Add(LexiconFeature.OfCue(BitOperations.TrailingZeroCount(bits)), -1);
        for (var bits = (ulong)reading.Shape; bits != 0; bits &= bits - 1)
            features.Add(LexiconFeature.Of((LexiconShape)(bits & (~bits + 1))), -1);
        features.Add(LexiconFeature.Of(reading.Head), -1);
        Span<ulong> builds = stackalloc ulong[LexiconBuild.MaxFeatures];
        foreach (var build in builds[..LexiconBuild.Read(reading.Kinds, builds)])
            features.Add(LexiconFeature.OfBuild(build), -1);

        var words = new LexiconText(
            text, stackalloc char[LexiconText.MaxCharacters], stackalloc (short, short)[LexiconText.MaxWords]);
        var before = default(WordCluster?);
        for (var i = 0; i < words.Count; i++)
        {
            scoped var stem = LexiconStem.Of(words.Words(i));
            var isLast = i == words.Count - 1;
            WordCluster? cluster = lexicon.Clusters.TryFind(stem, out var found) ? found : null;
            if (!features.AddWord(LexiconFeature.OfWord(stem), i))
                AddParts(stem.Text, cluster, i, ref features);
            if (isLast)
                features.Add(LexiconFeature.OfLastWord(stem), i);
            if (isLast && cluster is { } last)
            {
                features.Add(LexiconFeature.OfLastCluster(0, last.Coarse), i);
                features.Add(LexiconFeature.OfLastCluster(1, last.Middle), i);
                features.Add(LexiconFeature.OfLastCluster(2, last.Fine), i);
            }

            if (before is { } one && cluster is { } other)
                features.Add(LexiconFeature.OfClusters(one.Coarse, other.Coarse), i);
            if (i > 0)
                features.Add(LexiconFeature.OfWords(LexiconStem.Of(words.Words(i - 1)), stem), i);
            var kinds = reading.WordKinds;
            features.Add(LexiconFeature.OfBefore(At(kinds, i - 1), stem), i);
            features.Add(LexiconFeature.OfAfter(stem, At(kinds, i + 1)), i);
            features.Add(LexiconFeature.OfBetween(At(kinds, i - 1), stem, At(kinds, i + 1)), i);
            features.Add(LexiconFeature.OfBehind(At(kinds, i - 2), At(kinds, i - 1), stem), i);
            features.Add(LexiconFeature.OfAhead(stem, At(kinds, i + 1), At(kinds, i + 2)), i);
            before = cluster;
        }
    }

    /// <summary>What is known from a word alone beside the word itself: its parts and clusters.</summary>
    public static void ReadParts<T>(scoped LexiconStem stem, Lexicon lexicon, ref T features)
        where T : ILexiconFeatures, allows ref struct
        => AddParts(stem.Text, lexicon.Clusters.TryFind(stem, out var cluster) ? cluster : null, 0, ref features);

    private static void AddParts<T>(scoped ReadOnlySpan<char> stem, WordCluster? cluster, int word, ref T features)
        where T : ILexiconFeatures, allows ref struct
    {
        if (cluster is { } one)
        {
            features.Add(LexiconFeature.OfCluster(0, one.Coarse), word);
            features.Add(LexiconFeature.OfCluster(1, one.Middle), word);
            features.Add(LexiconFeature.OfCluster(2, one.Fine), word);
        }

        Span<char> letters = stackalloc char[LongestWord + 2];
        var length = Math.Min(stem.Length, LongestWord);
        letters[0] = '<';
        stem[..length].CopyTo(letters[1..]);
        letters[length + 1] = '>';
        for (var n = ShortestPart; n <= LongestPart; n++)
        {
            for (var i = 0; i + n <= length + 2; i++)
                features.Add(LexiconFeature.OfPart(letters.Slice(i, n)), word);
        }
    }

    private static LexiconKind At(in LexiconRow<LexiconKind> kinds, int index) => index < 0 || index >= kinds.Count ? LexiconKind.Edge : kinds[index];
}
