using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LexyHub.Core.Intents;

/// <summary>
/// What the features of a text say together: each adds its row of weights to a hidden layer, whose positive part is weighed for each intent.
/// A feature without a row says nothing. Safe to share.
/// </summary>
internal sealed class LexiconNetwork
{
    /// <summary>Numbers in a row, the width of the hidden layer.</summary>
    public const int Width = 48;

    private const string WordPrefix = "word:";

    private readonly LexiconRows _rows;
    private readonly LexiconRows _words;
    private readonly sbyte[] _weights;
    private readonly short[] _weightsOfWords;
    private readonly short[] _hiddenBias;
    private readonly float[] _output = new float[IntentTaxonomy.IntentCount * Width];
    private readonly Vector128<float> _outputBias;
    private readonly Lexicon _lexicon;

    /// <param name="file">As <see cref="LexiconWeights.Read"/> gives it.</param>
    /// <exception cref="InvalidDataException">A line names a feature that the lexicon does not have, or one twice, or one of the network's own is missing.</exception>
    public LexiconNetwork(Lexicon lexicon, LexiconWeights file)
    {
        _lexicon = lexicon;
        var own = file.Lines.Where(line => !line.Feature.Contains(':', StringComparison.Ordinal)).ToDictionary(line => line.Feature, line => line.Row, StringComparer.Ordinal);
        sbyte[] Own(string name) => own.Remove(name, out var row) ? row : throw new InvalidDataException($"The lexicon's weights have no line '{name}'.");

        // What is summed stays in steps of the file; what it is weighed with takes the scale of both.
        _hiddenBias = [.. Own(LexiconWeights.HiddenBias).Select(step => (short)step)];
        var bias = Own(LexiconWeights.OutputBias);
        _outputBias = file.Scale * Vector128.Create((float)bias[0], bias[1], bias[2], bias[3]);
        for (var intent = 0; intent < IntentTaxonomy.IntentCount; intent++)
        {
            foreach (var (i, step) in Own(IntentTaxonomy.Intents[intent]).Index())
                _output[(intent * Width) + i] = step * file.Scale * file.Scale;
        }

        if (own.Keys.FirstOrDefault() is { } unknown)
            throw new InvalidDataException($"The lexicon has no feature '{unknown}', which its weights name.");

        var features = file.Lines.Where(line => line.Feature.Contains(':', StringComparison.Ordinal)).ToList();
        ulong[] keys = [.. features.Select(line => KeyOf(line.Feature))];
        _rows = new LexiconRows(keys);
        _weights = new sbyte[features.Count * Width];
        foreach (var (i, (_, row)) in features.Index())
            row.CopyTo(_weights, i * Width);

        // A known word brings its parts and clusters along in one row.
        var words = features.Index().Where(line => line.Item.Feature.StartsWith(WordPrefix, StringComparison.Ordinal)).ToList();
        _weightsOfWords = new short[words.Count * Width];
        foreach (var (i, (line, (feature, _))) in words.Index())
        {
            var whole = _weightsOfWords.AsSpan(i * Width, Width);
            AddRow(line, whole);
            var parts = new Sum(this, whole);
            LexiconFeatures.ReadParts(new LexiconStem(feature.AsSpan(WordPrefix.Length)), lexicon, ref parts);
        }

        _words = new LexiconRows([.. words.Select(word => keys[word.Index])]);

        ulong KeyOf(string feature)
            => LexiconFeature.Parse(feature, lexicon) ?? throw new InvalidDataException($"The lexicon has no feature '{feature}', which its weights name.");
    }

    /// <returns>Probabilities in the order of <see cref="PurchaseIntent"/>, before calibration.</returns>
    public Vector128<float> Score(ReadOnlySpan<char> text, in LexiconReading reading)
    {
        Span<short> hidden = stackalloc short[Width];
        _hiddenBias.CopyTo(hidden);
        var sum = new Sum(this, hidden);
        LexiconFeatures.Read(text, reading, _lexicon, ref sum);
        return Answer(hidden);
    }

    /// <returns>By how much the logarithm of an intent's probability falls where something is left out: all that is of a word, for each word that
    /// the network knows something of; a cue; the head.</returns>
    public (float[] Words, float[] Cues, float Head) Evidence(ReadOnlySpan<char> text, in LexiconReading reading, PurchaseIntent intent)
    {
        var parts = new Parts(this, _lexicon.Cues.Count);
        LexiconFeatures.Read(text, reading, _lexicon, ref parts);
        var all = (short[])_hiddenBias.Clone();
        foreach (var part in parts.Words.Concat(parts.Cues).Append(parts.Head).Append(parts.Rest))
            TensorPrimitives.Add(all, part, all);
        var whole = LogOf(all);
        return ([.. parts.Words.Select(Without)], [.. parts.Cues.Select(Without)], Without(parts.Head));

        float Without(short[] part)
        {
            var rest = new short[Width];
            TensorPrimitives.Subtract<short>(all, part, rest);
            return whole - LogOf(rest);
        }

        float LogOf(short[] hidden) => MathF.Log(Math.Max(float.Epsilon, Answer(hidden)[(int)intent]));
    }

    private Vector128<float> Answer(ReadOnlySpan<short> hidden)
    {
        Span<float> positive = stackalloc float[Width];
        for (var i = 0; i < Width; i++)
            positive[i] = Math.Max((short)0, hidden[i]);
        var sum = _outputBias + Vector128.Create(
            TensorPrimitives.Dot(positive, _output.AsSpan(0, Width)), TensorPrimitives.Dot(positive, _output.AsSpan(Width, Width)),
            TensorPrimitives.Dot(positive, _output.AsSpan(2 * Width, Width)), TensorPrimitives.Dot(positive, _output.AsSpan(3 * Width, Width)));
        var largest = Math.Max(Math.Max(sum[0], sum[1]), Math.Max(sum[2], sum[3]));
        var powers = Vector128.Exp(sum - Vector128.Create(largest));
        return powers / Vector128.Create(Vector128.Sum(powers));
    }

    // A text of many words could add up to more than a short holds.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddRow(int row, Span<short> sum)
    {
        var weights = _weights.AsSpan(row * Width, Width);
        for (var i = 0; i < Width; i += Vector128<sbyte>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.Create<sbyte>(weights[i..]));
            Vector256.AddSaturate(Vector256.Create<short>(sum[i..]), Vector256.Create(low, high)).CopyTo(sum[i..]);
        }
    }

    private void AddRowOfWord(int row, Span<short> sum)
    {
        var weights = _weightsOfWords.AsSpan(row * Width, Width);
        for (var i = 0; i < Width; i += Vector256<short>.Count)
            Vector256.AddSaturate(Vector256.Create<short>(sum[i..]), Vector256.Create<short>(weights[i..])).CopyTo(sum[i..]);
    }

    private readonly ref struct Sum(LexiconNetwork network, Span<short> hidden) : ILexiconFeatures
    {
        private readonly Span<short> _hidden = hidden;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(scoped LexiconFeature feature, int word)
        {
            if (network._rows.TryFind(feature.Key, out var row))
                network.AddRow(row, _hidden);
        }

        public bool AddWord(scoped LexiconFeature feature, int word)
        {
            if (!network._words.TryFind(feature.Key, out var row))
                return false;

            network.AddRowOfWord(row, _hidden);
            return true;
        }
    }

    private sealed class Parts(LexiconNetwork network, int cues) : ILexiconFeatures
    {
        public List<short[]> Words { get; } = [];

        public short[][] Cues { get; } = [.. Enumerable.Range(0, cues).Select(_ => new short[Width])];

        public short[] Head { get; } = new short[Width];

        public short[] Rest { get; } = new short[Width];

        public void Add(scoped LexiconFeature feature, int word)
        {
            if (network._rows.TryFind(feature.Key, out var row))
                network.AddRow(row, feature.Cue is { } cue ? Cues[cue] : feature.IsHead ? Head : word < 0 ? Rest : Of(word));
        }

        public bool AddWord(scoped LexiconFeature feature, int word)
        {
            if (!network._words.TryFind(feature.Key, out var row))
                return false;

            network.AddRowOfWord(row, Of(word));
            return true;
        }

        private short[] Of(int word)
        {
            while (Words.Count <= word)
                Words.Add(new short[Width]);
            return Words[word];
        }
    }
}
