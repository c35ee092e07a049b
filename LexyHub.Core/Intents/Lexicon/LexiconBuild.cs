using System.Globalization;

namespace LexyHub.Core.Intents;

/// <summary>
/// How a text is built, as features of <see cref="LexiconNetwork"/>: its kinds in pairs, triples and whole patterns, how many there are of each, and
/// how many of them narrow a thing. A feature is a number: what it is in the highest bits, and its parts, six bits each.
/// </summary>
internal static class LexiconBuild
{
    /// <summary>As many features has a text at most.</summary>
    public const int MaxFeatures = (3 * LexiconText.MaxWords) + 10;

    private const int Bits = 6;
    private const int WhatShift = 60;
    private const int LongestPattern = 4;
    private const int LongestCoarse = 5;
    private const int MostCounted = 3;
    private const int LongestCounted = 6;

    private static readonly string[] s_names = ["", "count", "pair", "triple", "pattern", "coarse", "narrowing", "last", "before-preposition", "length"];

    private static readonly ulong s_narrowing = MaskOf(
        LexiconKind.Material, LexiconKind.Colour, LexiconKind.Quality, LexiconKind.Motif, LexiconKind.Audience, LexiconKind.Size,
        LexiconKind.Occasion, LexiconKind.Setting);

    private enum What
    {
        Count = 1,
        Pair,
        Triple,
        Pattern,

        /// <summary>Without plain words, all that narrows as a quality, the first five.</summary>
        Coarse,
        Narrowing,
        Last,
        BeforePreposition,
        Length,
    }

    /// <param name="features">Room for <see cref="MaxFeatures"/>.</param>
    /// <returns>How many there are.</returns>
    public static int Read(in LexiconRow<LexiconKind> kinds, Span<ulong> features)
    {
        var count = 0;
        Span<byte> counts = stackalloc byte[1 << Bits];
        counts.Clear();
        var (coarse, coarseLength, narrowing, things, last, beforePreposition) = (0UL, 0, 0, 0, LexiconKind.Edge, -1);
        for (var i = 0; i <= kinds.Count; i++)
        {
            var (before, kind) = (At(kinds, i - 1), At(kinds, i));
            features[count++] = Key(What.Pair, (ulong)before, (ulong)kind);
            if (i < kinds.Count)
                features[count++] = Key(What.Triple, (ulong)before, (ulong)kind, (ulong)At(kinds, i + 1));
            if (kind == LexiconKind.Edge)
                break;

            counts[(int)kind]++;
            if (kind == LexiconKind.Plain)
                continue;

            var isNarrowing = (s_narrowing >> (int)kind & 1) != 0;
            narrowing += isNarrowing ? 1 : 0;
            things += kind == LexiconKind.Thing ? 1 : 0;
            if (kind == LexiconKind.Preposition && beforePreposition < 0)
                beforePreposition = (int)last;
            last = isNarrowing ? LexiconKind.Quality : kind;
            if (coarseLength < LongestCoarse)
                coarse = coarse << Bits | (ulong)last;
            coarseLength++;
        }

        for (var kind = 0; kind < counts.Length; kind++)
        {
            if (counts[kind] > 0)
                features[count++] = Key(What.Count, (ulong)kind, Math.Min(counts[kind], (ulong)MostCounted));
        }

        if (kinds.Count <= LongestPattern)
        {
            var pattern = 0UL;
            for (var i = 0; i < kinds.Count; i++)
                pattern = pattern << Bits | (ulong)kinds[i];
            features[count++] = (ulong)What.Pattern << WhatShift | pattern;
        }

        features[count++] = (ulong)What.Coarse << WhatShift | coarse;
        features[count++] = Key(What.Narrowing, (ulong)Math.Min(narrowing, MostCounted), (ulong)Math.Min(things, MostCounted));
        features[count++] = Key(What.Last, (ulong)last);
        if (beforePreposition >= 0)
            features[count++] = Key(What.BeforePreposition, (ulong)beforePreposition);
        features[count++] = Key(What.Length, (ulong)Math.Min(coarseLength, LongestCounted));
        return count;
    }

    /// <returns>The name of a feature, as <see cref="Parse"/> reads it: <c>pair:colour thing</c>.</returns>
    public static string NameOf(ulong feature)
    {
        var what = (What)(feature >> WhatShift);
        var parts = new List<string>();
        for (var rest = feature & ((1UL << WhatShift) - 1); rest != 0 || parts.Count < LeastParts(what); rest >>= Bits)
            parts.Insert(0, PartOf(what, parts.Count, (int)(rest & ((1 << Bits) - 1))));
        return $"{s_names[(int)what]}:{string.Join(' ', parts)}";
    }

    /// <returns>The feature of a name; none where the name is not of one.</returns>
    public static ulong? Parse(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || Array.IndexOf(s_names, name[..colon]) is var what && what < 1)
            return null;

        var key = 0UL;
        foreach (var part in name[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ulong.TryParse(part, CultureInfo.InvariantCulture, out var number))
                key = key << Bits | number;
            else if (Enum.TryParse<LexiconKind>(part, ignoreCase: true, out var kind))
                key = key << Bits | (ulong)kind;
            else
                return null;
        }

        return (ulong)(What)what << WhatShift | key;
    }

    private static int LeastParts(What what) => what switch
    {
        What.Pair or What.Narrowing or What.Count => 2,
        What.Triple => 3,
        What.Coarse => 0,
        _ => 1,
    };

    // The last part of a count is a number, and all of what is only counted.
    private static string PartOf(What what, int fromTheEnd, int value)
        => what is What.Narrowing or What.Length || (what == What.Count && fromTheEnd == 0)
            ? value.ToString(CultureInfo.InvariantCulture)
            : ((LexiconKind)value).ToString().ToLowerInvariant();

    private static LexiconKind At(in LexiconRow<LexiconKind> kinds, int index) => index < 0 || index >= kinds.Count ? LexiconKind.Edge : kinds[index];

    private static ulong Key(What what, ulong first) => (ulong)what << WhatShift | first;

    private static ulong Key(What what, ulong first, ulong second) => (ulong)what << WhatShift | first << Bits | second;

    private static ulong Key(What what, ulong first, ulong second, ulong third)
        => (ulong)what << WhatShift | first << (2 * Bits) | second << Bits | third;

    private static ulong MaskOf(params ReadOnlySpan<LexiconKind> kinds)
    {
        var mask = 0UL;
        foreach (var kind in kinds)
            mask |= 1UL << (int)kind;
        return mask;
    }
}
