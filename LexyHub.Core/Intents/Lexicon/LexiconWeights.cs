using System.Globalization;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace LexyHub.Core.Intents;

/// <summary>
/// How much each cue, shape, head, build and word speaks for each intent: the natural logarithms of a multinomial logistic regression, one line
/// a feature of <c>feature,informational,navigational,commercial,transactional</c>. What has no line weighs nothing.
/// </summary>
internal sealed class LexiconWeights
{
    private const string Bias = "bias";
    private const string WordPrefix = "word:";
    private const string LastPrefix = "last-word:";

    private readonly Vector128<float>[] _cues;
    private readonly Vector128<float>[] _shapes;
    private readonly Vector128<float>[] _heads;
    private readonly Vector128<float>[] _words;
    private readonly Vector128<float>[] _lastWords;
    private readonly Dictionary<ulong, Vector128<float>> _builds = [];
    private readonly Vector128<float> _bias;
    private readonly ulong _weighed;

    /// <exception cref="InvalidDataException">A line names a feature that the lexicon does not have.</exception>
    public LexiconWeights(Lexicon lexicon, IReadOnlyList<LexiconWeight> lines)
    {
        var features = FeaturesOf(lexicon).ToHashSet(StringComparer.Ordinal);
        var weights = new Dictionary<string, Vector128<float>>(StringComparer.Ordinal);
        foreach (var (feature, weight) in lines)
        {
            if (LexiconBuild.Parse(feature) is { } build)
                _builds[build] = weight;
            else if (features.Contains(feature))
                weights[feature] = weight;
            else
                throw new InvalidDataException($"The lexicon has no feature '{feature}', which its weights name.");
        }

        _weighed = ~lexicon.Classes;
        _bias = weights.GetValueOrDefault(Bias);
        _cues = [.. lexicon.Cues.Select(cue => weights.GetValueOrDefault($"cue:{cue}"))];
        _shapes = [.. Shapes.Select(shape => weights.GetValueOrDefault($"shape:{shape}"))];
        _heads = [.. Heads.Select(head => weights.GetValueOrDefault($"head:{head}"))];
        _words = [.. lexicon.Words.Select(word => weights.GetValueOrDefault(WordPrefix + word))];
        _lastWords = [.. lexicon.Words.Select(word => weights.GetValueOrDefault(LastPrefix + word))];
    }

    private static IEnumerable<LexiconShape> Shapes => Enum.GetValues<LexiconShape>().Where(shape => shape != LexiconShape.None);

    private static IEnumerable<LexiconHead> Heads => Enum.GetValues<LexiconHead>();

    /// <summary>All names that a line may have beside those of <see cref="LexiconBuild"/>, the bias first.</summary>
    public static IReadOnlyList<string> FeaturesOf(Lexicon lexicon)
        =>
        [
            Bias,
            .. lexicon.Cues.Where((_, i) => (lexicon.Classes >> i & 1) == 0).Select(cue => $"cue:{cue}"),
            .. Shapes.Select(shape => $"shape:{shape}"),
            .. Heads.Select(head => $"head:{head}"),
            .. lexicon.Words.Select(word => WordPrefix + word),
            .. lexicon.Words.Select(word => LastPrefix + word),
        ];

    /// <returns>The names of the features of a reading, the bias first.</returns>
    public static IReadOnlyList<string> FeaturesOf(in LexiconReading reading, Lexicon lexicon)
    {
        var (cues, shapes, words) = (reading.Cues & ~lexicon.Classes, reading.Shape, reading.Words);
        List<string> names =
        [
            Bias,
            .. lexicon.Cues.Where((_, i) => (cues >> i & 1) != 0).Select(cue => $"cue:{cue}"),
            .. Shapes.Where(shape => shapes.HasFlag(shape)).Select(shape => $"shape:{shape}"),
            $"head:{reading.Head}",
        ];
        Span<ulong> builds = stackalloc ulong[LexiconBuild.MaxFeatures];
        foreach (var build in builds[..LexiconBuild.Read(reading.Kinds, builds)])
            names.Add(LexiconBuild.NameOf(build));
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i] < 0)
                continue;

            names.Add(WordPrefix + lexicon.Words[words[i]]);
            if (i == words.Count - 1)
                names.Add(LastPrefix + lexicon.Words[words[i]]);
        }

        return names;
    }

    /// <returns>The words that are weighed by themselves.</returns>
    public static IReadOnlyList<string> WordsOf(IReadOnlyList<LexiconWeight> lines)
        => [.. lines.Where(line => line.Feature.StartsWith(WordPrefix, StringComparison.Ordinal)).Select(line => line.Feature[WordPrefix.Length..])];

    /// <exception cref="InvalidDataException">A line is none of a feature and four numbers.</exception>
    public static IReadOnlyList<LexiconWeight> Read(TextReader reader)
    {
        var lines = new List<LexiconWeight>();
        Span<float> weight = stackalloc float[IntentTaxonomy.IntentCount];
        reader.ReadLine();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var cells = line.Split(',');
            var isWeight = cells.Length == weight.Length + 1;
            for (var i = 0; i < weight.Length; i++)
                isWeight = isWeight && float.TryParse(cells[i + 1], CultureInfo.InvariantCulture, out weight[i]);
            lines.Add(isWeight
                ? new LexiconWeight(cells[0], Vector128.Create<float>(weight))
                : throw new InvalidDataException($"A line of the lexicon's weights is no feature with {weight.Length} numbers: '{line}'."));
        }

        return lines;
    }

    /// <returns>Probabilities in the order of <see cref="PurchaseIntent"/>, before calibration.</returns>
    public Vector128<float> Score(in LexiconReading reading)
    {
        var sum = _bias + _heads[(int)reading.Head];
        for (var bits = reading.Cues & _weighed; bits != 0; bits &= bits - 1)
            sum += _cues[BitOperations.TrailingZeroCount(bits)];
        for (var bits = (ulong)reading.Shape; bits != 0; bits &= bits - 1)
            sum += _shapes[BitOperations.TrailingZeroCount(bits)];
        Span<ulong> builds = stackalloc ulong[LexiconBuild.MaxFeatures];
        foreach (var build in builds[..LexiconBuild.Read(reading.Kinds, builds)])
        {
            if (_builds.TryGetValue(build, out var weight))
                sum += weight;
        }

        for (var i = 0; i < reading.Words.Count; i++)
        {
            if (reading.Words[i] is >= 0 and var word)
                sum += i == reading.Words.Count - 1 ? _words[word] + _lastWords[word] : _words[word];
        }

        var largest = Math.Max(Math.Max(sum[0], sum[1]), Math.Max(sum[2], sum[3]));
        var powers = Vector128.Exp(sum - Vector128.Create(largest));
        return powers / Vector128.Create(Vector128.Sum(powers));
    }

    /// <returns>How much more a cue speaks for an intent than for the average of all.</returns>
    public float Evidence(int cue, PurchaseIntent intent) => Evidence(_cues[cue], intent);

    /// <returns>The same of a head.</returns>
    public float Evidence(LexiconHead head, PurchaseIntent intent) => Evidence(_heads[(int)head], intent);

    /// <returns>The same of a word of <see cref="Lexicon.Words"/> by itself.</returns>
    public float EvidenceOfWord(int word, bool isLast, PurchaseIntent intent)
        => Evidence(isLast ? _words[word] + _lastWords[word] : _words[word], intent);

    private static float Evidence(Vector128<float> weights, PurchaseIntent intent)
        => weights[(int)intent] - (Vector128.Sum(weights) / IntentTaxonomy.IntentCount);
}

/// <summary>What a feature speaks for: natural logarithms in the order of <see cref="PurchaseIntent"/>.</summary>
internal readonly record struct LexiconWeight(string Feature, Vector128<float> Weight);
