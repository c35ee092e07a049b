using System.Globalization;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace LexyHub.Core.Intents;

/// <summary>
/// How much each cue, shape and head speaks for each intent: the natural logarithms of a multinomial logistic regression, one line a feature of
/// <c>feature,informational,navigational,commercial,transactional</c>. What has no line weighs nothing.
/// </summary>
internal sealed class LexiconWeights
{
    private const string Bias = "bias";

    private readonly Vector128<float>[] _cues;
    private readonly Vector128<float>[] _shapes;
    private readonly Vector128<float>[] _heads;
    private readonly Vector128<float> _bias;
    private readonly ulong _weighed;

    private LexiconWeights(Lexicon lexicon, IReadOnlyDictionary<string, Vector128<float>> weights)
    {
        _weighed = ~lexicon.Classes;
        _bias = weights.GetValueOrDefault(Bias);
        _cues = [.. lexicon.Cues.Select(cue => weights.GetValueOrDefault($"cue:{cue}"))];
        _shapes = [.. Shapes.Select(shape => weights.GetValueOrDefault($"shape:{shape}"))];
        _heads = [.. Heads.Select(head => weights.GetValueOrDefault($"head:{head}"))];
    }

    /// <summary>All names that a line may have, in the order of <see cref="Lexicon.Cues"/>, <see cref="LexiconShape"/> and <see cref="LexiconHead"/>.</summary>
    public static IReadOnlyList<string> FeaturesOf(Lexicon lexicon)
        =>
        [
            Bias,
            .. lexicon.Cues.Where((_, i) => (lexicon.Classes >> i & 1) == 0).Select(cue => $"cue:{cue}"),
            .. Shapes.Select(shape => $"shape:{shape}"),
            .. Heads.Select(head => $"head:{head}"),
        ];

    /// <returns>The names of the features of a reading, the bias first.</returns>
    public static IEnumerable<string> FeaturesOf(LexiconReading reading, Lexicon lexicon)
        =>
        [
            Bias,
            .. lexicon.Cues.Where((_, i) => ((reading.Cues & ~lexicon.Classes) >> i & 1) != 0).Select(cue => $"cue:{cue}"),
            .. Shapes.Where(shape => reading.Shape.HasFlag(shape)).Select(shape => $"shape:{shape}"),
            $"head:{reading.Head}",
        ];

    private static IEnumerable<LexiconShape> Shapes => Enum.GetValues<LexiconShape>().Where(shape => shape != LexiconShape.None);

    private static IEnumerable<LexiconHead> Heads => Enum.GetValues<LexiconHead>();

    /// <exception cref="InvalidDataException">A line names a feature that the lexicon does not have, or is no line of numbers.</exception>
    public static LexiconWeights Parse(TextReader reader, Lexicon lexicon)
    {
        var features = FeaturesOf(lexicon).ToHashSet(StringComparer.Ordinal);
        var weights = new Dictionary<string, Vector128<float>>(StringComparer.Ordinal);
        reader.ReadLine();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var cells = line.Split(',');
            if (!features.Contains(cells[0]) || cells.Length != IntentTaxonomy.IntentCount + 1)
                throw new InvalidDataException($"The weights of the lexicon have a line that fits no feature: '{line}'.");

            weights[cells[0]] = Vector128.Create<float>([.. cells.Skip(1).Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))]);
        }

        return new LexiconWeights(lexicon, weights);
    }

    /// <returns>Probabilities in the order of <see cref="PurchaseIntent"/>, before calibration.</returns>
    public Vector128<float> Score(in LexiconReading reading)
    {
        var sum = _bias + _heads[(int)reading.Head];
        for (var bits = reading.Cues & _weighed; bits != 0; bits &= bits - 1)
            sum += _cues[BitOperations.TrailingZeroCount(bits)];
        for (var bits = (ulong)reading.Shape; bits != 0; bits &= bits - 1)
            sum += _shapes[BitOperations.TrailingZeroCount(bits)];

        var largest = Math.Max(Math.Max(sum[0], sum[1]), Math.Max(sum[2], sum[3]));
        var powers = Vector128.Exp(sum - Vector128.Create(largest));
        return powers / Vector128.Create(Vector128.Sum(powers));
    }

    /// <returns>How much more a cue speaks for an intent than for the average of all.</returns>
    public float Evidence(int cue, PurchaseIntent intent) => Evidence(_cues[cue], intent);

    /// <returns>The same of a head.</returns>
    public float Evidence(LexiconHead head, PurchaseIntent intent) => Evidence(_heads[(int)head], intent);

    private static float Evidence(Vector128<float> weights, PurchaseIntent intent)
        => weights[(int)intent] - (Vector128.Sum(weights) / IntentTaxonomy.IntentCount);
}
