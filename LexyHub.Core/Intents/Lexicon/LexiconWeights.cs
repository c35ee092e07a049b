using System.Globalization;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace LexyHub.Core.Intents;

/// <summary>
/// How much each cue and shape speaks for each intent: the natural logarithms of a multinomial logistic regression, one line a feature of
/// <c>feature,informational,navigational,commercial,transactional</c>. What has no line weighs nothing.
/// </summary>
internal sealed class LexiconWeights
{
    private const string Bias = "bias";

    private readonly Vector128<float>[] _cues;
    private readonly Vector128<float>[] _shapes;
    private readonly Vector128<float> _bias;

    private LexiconWeights(Vector128<float> bias, Vector128<float>[] cues, Vector128<float>[] shapes)
    {
        (_bias, _cues, _shapes) = (bias, cues, shapes);
    }

    /// <summary>All names that a line may have, in the order of <see cref="Lexicon.Cues"/> and <see cref="LexiconShape"/>.</summary>
    public static IReadOnlyList<string> FeaturesOf(Lexicon lexicon)
        => [Bias, .. lexicon.Cues.Select(cue => $"cue:{cue}"), .. Shapes.Select(shape => $"shape:{shape}")];

    private static IEnumerable<LexiconShape> Shapes => Enum.GetValues<LexiconShape>().Where(shape => shape != LexiconShape.None);

    /// <exception cref="InvalidDataException">A line names a feature that the lexicon does not have, or is no line of numbers.</exception>
    public static LexiconWeights Parse(TextReader reader, Lexicon lexicon)
    {
        var features = FeaturesOf(lexicon);
        var weights = new Vector128<float>[features.Count];
        reader.ReadLine();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var cells = line.Split(',');
            var index = features.ToList().IndexOf(cells[0]);
            if (index < 0 || cells.Length != IntentTaxonomy.IntentCount + 1)
                throw new InvalidDataException($"The weights of the lexicon have a line that fits no feature: '{line}'.");

            weights[index] = Vector128.Create<float>([.. cells.Skip(1).Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))]);
        }

        return new LexiconWeights(weights[0], weights[1..(lexicon.Cues.Count + 1)], weights[(lexicon.Cues.Count + 1)..]);
    }

    /// <returns>Probabilities in the order of <see cref="PurchaseIntent"/>, before calibration.</returns>
    public Vector128<float> Score(in LexiconReading reading)
    {
        var sum = _bias;
        for (var bits = reading.Cues; bits != 0; bits &= bits - 1)
            sum += _cues[BitOperations.TrailingZeroCount(bits)];
        for (var bits = (ulong)reading.Shape; bits != 0; bits &= bits - 1)
            sum += _shapes[BitOperations.TrailingZeroCount(bits)];

        var largest = Math.Max(Math.Max(sum[0], sum[1]), Math.Max(sum[2], sum[3]));
        var powers = Vector128.Exp(sum - Vector128.Create(largest));
        return powers / Vector128.Create(Vector128.Sum(powers));
    }

    /// <returns>How much more a cue speaks for an intent than for the average of all.</returns>
    public float Evidence(int cue, PurchaseIntent intent)
        => _cues[cue][(int)intent] - (Vector128.Sum(_cues[cue]) / IntentTaxonomy.IntentCount);
}
