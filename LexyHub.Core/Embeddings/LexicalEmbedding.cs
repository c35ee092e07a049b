using System.Buffers;
using System.Globalization;
using LexyHub.Core.Data;

namespace LexyHub.Core.Embeddings;

/// <summary>
/// A vector from the letters alone, for use without any service: words and their n-grams of three to five characters are hashed
/// into the dimensions, each with a sign from its hash, so that what collides cancels out on average. The same text has the
/// same vector on every machine and in every run; a change of anything here changes <see cref="Model"/>.
/// </summary>
/// <remarks>
/// It knows spelling, not meaning: "earring" is near "earrings" and far from "jewellery". Feature hashing after Weinberger et
/// al. (2009); character n-grams within word boundaries as in fastText.
/// </remarks>
internal static class LexicalEmbedding
{
    public const string Model = "lexyhub-local-1";

    private const int ShortestGram = 3;
    private const int LongestGram = 5;

    // All n-grams of a word together weigh about as much as the word itself.
    private const float GramShare = 1f;
    private const char Boundary = '\u0002';

    /// <param name="vector">Is overwritten; unit length afterwards.</param>
    public static void Embed(string text, Span<float> vector)
    {
        vector.Clear();
        var normal = TermText.Normalize(text);
        var features = ArrayPool<Feature>.Shared.Rent(Math.Max(64, 4 * (normal.Length + 2)));
        try
        {
            var count = Collect(normal, ref features);
            Array.Sort(features, 0, count);
            for (var i = 0; i < count;)
            {
                var first = features[i];
                var weight = 0f;
                var times = 0;
                for (; i < count && features[i].Hash == first.Hash; i++, times++)
                    weight = Math.Max(weight, features[i].Weight);

                // Sublinear: a word said ten times is not ten times as important.
                Add(vector, first.Hash, weight * (1 + MathF.Log(times)));
            }
        }
        finally
        {
            ArrayPool<Feature>.Shared.Return(features);
        }

        var sum = 0d;
        foreach (var value in vector)
            sum += (double)value * value;

        // Features that cancelled each other out, or none.
        if (sum <= 0)
        {
            vector[(int)(Hash(normal, 0) % (uint)vector.Length)] = 1;
            return;
        }

        // One after the other, and no vector instructions: the same bits on every machine.
        var scale = 1 / Math.Sqrt(sum);
        foreach (ref var value in vector)
            value = (float)(value * scale);
    }

    private static void Add(Span<float> vector, ulong hash, float weight)
        => vector[(int)(hash % (uint)vector.Length)] += (hash >> 63) == 0 ? weight : -weight;

    private static int Collect(string text, ref Feature[] features)
    {
        var count = 0;
        Span<char> word = stackalloc char[128];
        for (var at = 0; at < text.Length;)
        {
            if (!IsWord(text, at))
            {
                at++;
                continue;
            }

            var start = at;
            while (at < text.Length && IsWord(text, at) && at - start < word.Length - 2)
                at++;

            word[0] = Boundary;
            text.AsSpan(start, at - start).CopyTo(word[1..]);
            var length = at - start + 2;
            word[length - 1] = Boundary;
            Add(ref features, ref count, new Feature(Hash(word[..length], 0), 1));
            var grams = 0;
            for (var size = ShortestGram; size <= LongestGram; size++)
                grams += Math.Max(0, length - size + 1);
            var weight = GramShare / MathF.Sqrt(Math.Max(1, grams));
            for (var size = ShortestGram; size <= LongestGram; size++)
            {
                for (var i = 0; i + size <= length; i++)
                    Add(ref features, ref count, new Feature(Hash(word.Slice(i, size), (uint)size), weight));
            }
        }

        // Nothing but signs: they are all there is to tell texts apart.
        if (count == 0)
        {
            foreach (var rune in text.EnumerateRunes())
                Add(ref features, ref count, new Feature(Hash(rune.ToString(), 1), 1));
        }

        return count;
    }

    private static void Add(ref Feature[] features, ref int count, Feature feature)
    {
        if (count == features.Length)
        {
            var larger = ArrayPool<Feature>.Shared.Rent(2 * count);
            features.AsSpan(0, count).CopyTo(larger);
            ArrayPool<Feature>.Shared.Return(features);
            features = larger;
        }

        features[count++] = feature;
    }

    private static bool IsWord(string text, int at)
        => char.IsAsciiLetterOrDigit(text[at])
            || (text[at] > '\u007f' && (char.IsLetterOrDigit(text[at]) || char.IsSurrogate(text[at])
                || char.GetUnicodeCategory(text[at]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark));

    // FNV-1a over UTF-16 units, then mixed (the finalizer of MurmurHash3): FNV alone leaves the high bits, the sign, poor.
    private static ulong Hash(ReadOnlySpan<char> text, uint seed)
    {
        var hash = 14_695_981_039_346_656_037UL ^ seed;
        foreach (var c in text)
            hash = (hash ^ c) * 1_099_511_628_211UL;

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }

    private readonly record struct Feature(ulong Hash, float Weight) : IComparable<Feature>
    {
        public int CompareTo(Feature other) => Hash.CompareTo(other.Hash);
    }
}
