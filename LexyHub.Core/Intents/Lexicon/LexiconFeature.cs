using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace LexyHub.Core.Intents;

/// <summary>One thing that is true of a text, as the network sees it: a number to look it up by, and a name for the file of weights.</summary>
internal readonly ref struct LexiconFeature
{
    private const int WhatShift = 60;
    private const ulong Payload = (1UL << WhatShift) - 1;

    private static readonly string[] s_names =
        ["word", "last-word", "words", "before", "after", "between", "behind", "ahead", "part", "cluster", "last-cluster", "clusters"];

    private static readonly Dictionary<string, Tag>.AlternateLookup<ReadOnlySpan<char>> s_tags =
        s_names.Index().ToDictionary(name => name.Item, name => (Tag)name.Index, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly Dictionary<string, LexiconKind>.AlternateLookup<ReadOnlySpan<char>> s_kinds =
        Enum.GetValues<LexiconKind>().ToDictionary(kind => kind.ToString().ToLowerInvariant(), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly What _what;
    private readonly Tag _tag;
    private readonly int _a;
    private readonly int _b;
    private readonly LexiconStem _first;
    private readonly LexiconStem _second;

    private LexiconFeature(What what, ulong number)
    {
        _what = what;
        Key = what == What.Build ? number : (ulong)what << WhatShift | (number & Payload);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LexiconFeature(Tag tag, LexiconStem first, LexiconStem second = default, int a = 0, int b = 0)
    {
        (_what, _tag, _a, _b) = (What.Text, tag, a, b);
        _first = first;
        _second = second;
        var seed = (ulong)tag << 32 | (ulong)(uint)a << 16 | (uint)b;
        Key = (ulong)What.Text << WhatShift | (Mix((seed * 0x9E3779B97F4A7C15) + first.Hash + BitOperations.RotateLeft(second.Hash, 29)) & Payload);
    }

    // Those below are the kinds of features of LexiconBuild.
    private enum What
    {
        Build,
        Cue = 12,
        Shape,
        Head,
        Text,
    }

    // In the order of their names.
    private enum Tag
    {
        Word,
        LastWord,
        Words,
        Before,
        After,
        Between,
        Behind,
        Ahead,
        Part,
        Cluster,
        LastCluster,
        Clusters,
    }

    /// <summary>Equal for equal features; features of words and parts are numbered by a hash, which the weights are checked against.</summary>
    public ulong Key { get; }

    /// <summary>Index in <see cref="Lexicon.Cues"/> where it is a cue.</summary>
    public int? Cue => _what == What.Cue ? (int)(Key & Payload) : null;

    public bool IsHead => _what == What.Head;

    /// <param name="cue">Index in <see cref="Lexicon.Cues"/>.</param>
    public static LexiconFeature OfCue(int cue) => new(What.Cue, (ulong)cue);

    /// <param name="shape">One flag.</param>
    public static LexiconFeature Of(LexiconShape shape) => new(What.Shape, (ulong)BitOperations.TrailingZeroCount((ulong)shape));

    public static LexiconFeature Of(LexiconHead head) => new(What.Head, (ulong)head);

    /// <param name="build">Of <see cref="LexiconBuild"/>.</param>
    public static LexiconFeature OfBuild(ulong build) => new(What.Build, build);

    public static LexiconFeature OfWord(LexiconStem stem) => new(Tag.Word, stem);

    public static LexiconFeature OfLastWord(LexiconStem stem) => new(Tag.LastWord, stem);

    public static LexiconFeature OfWords(LexiconStem first, LexiconStem second) => new(Tag.Words, first, second);

    public static LexiconFeature OfBefore(LexiconKind before, LexiconStem stem) => new(Tag.Before, stem, default, (int)before);

    public static LexiconFeature OfAfter(LexiconStem stem, LexiconKind after) => new(Tag.After, stem, default, (int)after);

    public static LexiconFeature OfBetween(LexiconKind before, LexiconStem stem, LexiconKind after) => new(Tag.Between, stem, default, (int)before, (int)after);

    /// <param name="two">Two words before.</param>
    /// <param name="one">One word before.</param>
    public static LexiconFeature OfBehind(LexiconKind two, LexiconKind one, LexiconStem stem) => new(Tag.Behind, stem, default, (int)two, (int)one);

    /// <param name="one">One word after.</param>
    /// <param name="two">Two words after.</param>
    public static LexiconFeature OfAhead(LexiconStem stem, LexiconKind one, LexiconKind two) => new(Tag.Ahead, stem, default, (int)one, (int)two);

    /// <param name="letters">Of a word between &lt; and &gt;.</param>
    public static LexiconFeature OfPart(ReadOnlySpan<char> letters) => new(Tag.Part, new LexiconStem(letters));

    /// <param name="level">0 the coarse one.</param>
    public static LexiconFeature OfCluster(int level, short cluster) => new(Tag.Cluster, default, default, level, cluster);

    /// <inheritdoc cref="OfCluster"/>
    public static LexiconFeature OfLastCluster(int level, short cluster) => new(Tag.LastCluster, default, default, level, cluster);

    /// <summary>The coarse clusters of two words in a row.</summary>
    public static LexiconFeature OfClusters(short first, short second) => new(Tag.Clusters, default, default, first, second);

    /// <returns>The number of a feature by its name, as <see cref="NameIn"/> writes it; none where there is no such feature.</returns>
    public static ulong? Parse(ReadOnlySpan<char> name, Lexicon lexicon)
    {
        var colon = name.IndexOf(':');
        if (colon < 0)
            return null;

        // A hundred thousand names are read at the start: without a string for any of them.
        var what = name[..colon];
        var text = name[(colon + 1)..];
        if (!s_tags.TryGetValue(what, out var tag))
        {
            return what switch
            {
                "cue" when lexicon.MaskOf(text.ToString()) is var cue && cue != 0 => OfCue(BitOperations.TrailingZeroCount(cue)).Key,
                "shape" when Enum.TryParse<LexiconShape>(text, out var shape) && shape != LexiconShape.None => Of(shape).Key,
                "head" when Enum.TryParse<LexiconHead>(text, out var head) => Of(head).Key,
                _ => LexiconBuild.Parse(name.ToString()),
            };
        }

        Span<Range> ranges = stackalloc Range[4];
        var parts = text.Split(ranges, ' ');
        var first = text[ranges[0]];
        var second = parts > 1 ? text[ranges[1]] : default;
        var third = parts > 2 ? text[ranges[2]] : default;
        switch (tag, parts)
        {
            case (Tag.Word or Tag.LastWord or Tag.Part, 1) when first.Length > 0:
                return new LexiconFeature(tag, new LexiconStem(first)).Key;
            case (Tag.Words, 2):
                return OfWords(new LexiconStem(first), new LexiconStem(second)).Key;
            case (Tag.Before, 2) when s_kinds.TryGetValue(first, out var before):
                return OfBefore(before, new LexiconStem(second)).Key;
            case (Tag.After, 2) when s_kinds.TryGetValue(second, out var after):
                return OfAfter(new LexiconStem(first), after).Key;
            case (Tag.Between, 3) when s_kinds.TryGetValue(first, out var before) && s_kinds.TryGetValue(third, out var after):
                return OfBetween(before, new LexiconStem(second), after).Key;
            case (Tag.Behind, 3) when s_kinds.TryGetValue(first, out var two) && s_kinds.TryGetValue(second, out var one):
                return OfBehind(two, one, new LexiconStem(third)).Key;
            case (Tag.Ahead, 3) when s_kinds.TryGetValue(second, out var one) && s_kinds.TryGetValue(third, out var two):
                return OfAhead(new LexiconStem(first), one, two).Key;
            case (Tag.Cluster or Tag.LastCluster or Tag.Clusters, 2)
                when short.TryParse(first, CultureInfo.InvariantCulture, out var a) && short.TryParse(second, CultureInfo.InvariantCulture, out var b):
                return new LexiconFeature(tag, default, default, a, b).Key;
            default:
                return null;
        }
    }

    /// <returns>As it stands in the file of weights: <c>words:coffee table</c>, <c>before:colour ring</c>, <c>cue:gift</c>.</returns>
    public string NameIn(Lexicon lexicon) => _what switch
    {
        What.Build => LexiconBuild.NameOf(Key),
        What.Cue => $"cue:{lexicon.Cues[(int)(Key & Payload)]}",
        What.Shape => $"shape:{(LexiconShape)(1UL << (int)(Key & Payload))}",
        What.Head => $"head:{(LexiconHead)(Key & Payload)}",
        _ => s_names[(int)_tag] + ":" + _tag switch
        {
            Tag.Words => $"{_first.Text} {_second.Text}",
            Tag.Before => $"{NameOf(_a)} {_first.Text}",
            Tag.After => $"{_first.Text} {NameOf(_a)}",
            Tag.Between => $"{NameOf(_a)} {_first.Text} {NameOf(_b)}",
            Tag.Behind => $"{NameOf(_a)} {NameOf(_b)} {_first.Text}",
            Tag.Ahead => $"{_first.Text} {NameOf(_a)} {NameOf(_b)}",
            Tag.Cluster or Tag.LastCluster or Tag.Clusters => string.Create(CultureInfo.InvariantCulture, $"{_a} {_b}"),
            _ => _first.Text.ToString(),
        },
    };

    private static string NameOf(int kind) => ((LexiconKind)kind).ToString().ToLowerInvariant();

    // The finish of SplitMix64 (Steele, Lea and Flood 2014): on short texts the high bits of FNV are poor.
    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ hash >> 27) * 0x94D049BB133111EB;
        return hash ^ hash >> 31;
    }
}

/// <summary>A word without its plural, and its hash, which the features of the word share.</summary>
internal readonly ref struct LexiconStem
{
    public LexiconStem(ReadOnlySpan<char> text)
    {
        Text = text;

        // FNV-1a over UTF-16.
        Hash = 14_695_981_039_346_656_037;
        foreach (var c in text)
            Hash = (Hash ^ c) * 1_099_511_628_211;
    }

    public ReadOnlySpan<char> Text { get; }

    public ulong Hash { get; }

    /// <summary>Without the s of the plural or the genitive.</summary>
    public static LexiconStem Of(ReadOnlySpan<char> word)
        => new(word.Length > 3 && word[^1] == 's' && word[^2] != 's' ? word[..^1].TrimEnd('\'') : word);
}
