using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text;

namespace LexyHub.Core.Intents;

/// <summary>
/// Fits <see cref="LexiconWeights"/> to labelled phrases: multinomial logistic regression, with an L2 penalty on the distance from what the
/// guideline makes of each feature (a Gaussian prior with that mean), minimised by accelerated gradient descent (Nesterov 1983) that starts its
/// momentum anew where the loss rises (O'Donoghue and Candès 2015).
/// </summary>
internal static class LexiconTrainer
{
    /// <summary>A word is weighed by itself, and a build by its name, that so many phrases have: fewer say more of the phrases than of the language.</summary>
    public const int FewestPhrases = 3;

    private const int MaxSteps = 2_000;
    private const double Flat = 1e-5;

    /// <returns>The words that enough of the phrases have.</returns>
    public static IReadOnlyList<string> WordsOf(IReadOnlyList<LabelledPhrase> phrases)
        => [.. phrases
            .SelectMany(phrase => WordsOf(phrase.Text).Distinct(StringComparer.Ordinal))
            .CountBy(word => word, StringComparer.Ordinal)
            .Where(word => word.Value >= FewestPhrases)
            .Select(word => word.Key)
            .Order(StringComparer.Ordinal)];

    /// <param name="priors">Means by feature; 0 where there is none.</param>
    /// <param name="phrases">With what each counts beside the others, above 0.</param>
    /// <param name="penalty">Of half the squared distances, the bias excepted; larger values keep rare features near the guideline.</param>
    public static IReadOnlyList<LexiconWeight> Fit(
        Lexicon lexicon, IReadOnlyList<(string Feature, PurchaseIntent Intent, double Weight)> priors,
        IReadOnlyList<(LexiconReading Reading, PurchaseIntent Intent, double Weight)> phrases, double penalty)
    {
        var names = phrases.Select(phrase => LexiconWeights.FeaturesOf(phrase.Reading, lexicon).Distinct(StringComparer.Ordinal).ToArray()).ToArray();
        var builds = names.SelectMany(one => one).Where(name => LexiconBuild.Parse(name) is not null)
            .CountBy(name => name, StringComparer.Ordinal)
            .Where(name => name.Value >= FewestPhrases)
            .Select(name => name.Key)
            .Order(StringComparer.Ordinal);
        List<string> features = [.. LexiconWeights.FeaturesOf(lexicon), .. builds];
        var indices = features.Index().ToDictionary(feature => feature.Item, feature => feature.Index, StringComparer.Ordinal);
        var rows = names.Select(one => one.Where(indices.ContainsKey).Select(name => indices[name]).ToArray()).ToArray();
        var total = phrases.Sum(phrase => phrase.Weight);
        var weights = Minimise(
            rows, [.. phrases.Select(phrase => (int)phrase.Intent)], [.. phrases.Select(phrase => phrase.Weight / total)], MeansOf(indices, priors), penalty);
        return [.. features.Zip(weights, (feature, weight) => new LexiconWeight(feature, Vector128.Narrow(weight.GetLower(), weight.GetUpper())))];
    }

    /// <returns>The file's text; weights that round to nothing are left out, but for those of words, which say what is weighed.</returns>
    public static string Write(IReadOnlyList<LexiconWeight> weights)
    {
        var text = new StringBuilder("feature,").AppendJoin(',', IntentTaxonomy.Intents).Append('\n');
        foreach (var (feature, weight) in weights)
        {
            var cells = Enumerable.Range(0, IntentTaxonomy.IntentCount).Select(k => weight[k].ToString("0.00", CultureInfo.InvariantCulture).Replace("-0.00", "0.00", StringComparison.Ordinal)).ToArray();
            if (cells.Any(cell => cell != "0.00") || feature.StartsWith("word:", StringComparison.Ordinal))
                text.Append(feature).Append(',').AppendJoin(',', cells).Append('\n');
        }

        return text.ToString();
    }

    private static List<string> WordsOf(string text)
    {
        var words = new LexiconText(text, new char[LexiconText.MaxCharacters], new (short, short)[LexiconText.MaxWords]);
        var list = new List<string>();
        for (var i = 0; i < words.Count; i++)
            list.Add(words.Words(i).ToString());
        return list;
    }

    private static Vector256<double>[] MeansOf(
        Dictionary<string, int> indices, IReadOnlyList<(string Feature, PurchaseIntent Intent, double Weight)> priors)
    {
        var means = new Vector256<double>[indices.Count];
        foreach (var (name, intent, weight) in priors)
        {
            if (!indices.TryGetValue(name, out var feature))
                throw new InvalidDataException($"The lexicon weighs '{name}', which is no feature.");
            means[feature] = means[feature].WithElement((int)intent, weight);
        }

        return means;
    }

    // The shares add up to 1.
    private static Vector256<double>[] Minimise(int[][] rows, int[] intents, double[] shares, Vector256<double>[] means, double penalty)
    {
        // The curvature of a row's loss is at most half the number of its features (Böhning 1992).
        var rate = 1 / ((0.5 * rows.Average(row => row.Length)) + penalty);
        var weights = (Vector256<double>[])means.Clone();
        var ahead = (Vector256<double>[])means.Clone();
        var gradient = new Vector256<double>[means.Length];
        var momentum = 1d;
        for (var step = 0; step < MaxSteps; step++)
        {
            Gradient(rows, intents, shares, means, penalty, ahead, gradient);
            var next = (1 + Math.Sqrt(1 + (4 * momentum * momentum))) / 2;
            var (steepest, uphill) = (0d, 0d);
            for (var feature = 0; feature < weights.Length; feature++)
            {
                var moved = ahead[feature] - (rate * gradient[feature]);
                var change = moved - weights[feature];
                uphill += Vector256.Dot(gradient[feature], change);
                steepest = Math.Max(steepest, Vector256.Dot(gradient[feature], gradient[feature]));
                ahead[feature] = moved + ((momentum - 1) / next * change);
                weights[feature] = moved;
            }

            momentum = uphill > 0 ? 1 : next;
            if (steepest < Flat * Flat)
                break;
        }

        return weights;
    }

    private static void Gradient(
        int[][] rows, int[] intents, double[] shares, Vector256<double>[] means, double penalty, Vector256<double>[] weights, Vector256<double>[] gradient)
    {
        Array.Clear(gradient);
        for (var i = 0; i < rows.Length; i++)
        {
            var sum = Vector256<double>.Zero;
            foreach (var feature in rows[i])
                sum += weights[feature];
            var powers = Vector256.Exp(sum - Vector256.Create(Math.Max(Math.Max(sum[0], sum[1]), Math.Max(sum[2], sum[3]))));
            var errors = powers / Vector256.Create(Vector256.Sum(powers));
            errors = shares[i] * errors.WithElement(intents[i], errors[intents[i]] - 1);
            foreach (var feature in rows[i])
                gradient[feature] += errors;
        }

        for (var feature = 1; feature < gradient.Length; feature++)
            gradient[feature] += penalty * (weights[feature] - means[feature]);
    }
}
