using System.Globalization;
using System.Text;

namespace LexyHub.Core.Intents;

/// <summary>
/// Fits <see cref="LexiconWeights"/> to labelled readings: multinomial logistic regression by gradient descent, with an L2 penalty on the
/// distance from what the guideline makes of each feature (a Gaussian prior with that mean).
/// </summary>
internal static class LexiconTrainer
{
    private const int Steps = 3_000;
    private const double Rate = 0.5;

    /// <param name="priors">Means by feature; 0 where there is none.</param>
    /// <param name="penalty">Of the squared distances, the bias excepted; larger values keep rare cues near the guideline.</param>
    /// <returns>The file's text.</returns>
    public static string Fit(
        Lexicon lexicon, IReadOnlyList<(string Feature, PurchaseIntent Intent, double Weight)> priors,
        IReadOnlyList<(LexiconReading Reading, PurchaseIntent Intent)> phrases, double penalty)
    {
        var features = LexiconWeights.FeaturesOf(lexicon);
        var indices = features.Index().ToDictionary(feature => feature.Item, feature => feature.Index, StringComparer.Ordinal);
        var rows = phrases
            .Select(phrase => (Features: LexiconWeights.FeaturesOf(phrase.Reading, lexicon).Select(name => indices[name]).ToArray(), phrase.Intent))
            .ToArray();
        var means = MeansOf(features, priors);
        var weights = (double[,])means.Clone();
        var gradient = new double[features.Count, IntentTaxonomy.IntentCount];
        for (var step = 0; step < Steps; step++)
        {
            Array.Clear(gradient);
            foreach (var (active, intent) in rows)
            {
                var errors = Probabilities(weights, active);
                errors[(int)intent] -= 1;
                foreach (var feature in active)
                {
                    for (var k = 0; k < errors.Length; k++)
                        gradient[feature, k] += errors[k];
                }
            }

            for (var feature = 0; feature < features.Count; feature++)
            {
                for (var k = 0; k < IntentTaxonomy.IntentCount; k++)
                    weights[feature, k] -= Rate * ((gradient[feature, k] / rows.Length) + (feature == 0 ? 0 : penalty * (weights[feature, k] - means[feature, k])));
            }
        }

        return Write(features, weights);
    }

    private static double[,] MeansOf(IReadOnlyList<string> features, IReadOnlyList<(string Feature, PurchaseIntent Intent, double Weight)> priors)
    {
        var means = new double[features.Count, IntentTaxonomy.IntentCount];
        foreach (var (name, intent, weight) in priors)
        {
            var feature = features.ToList().IndexOf(name);
            if (feature < 0)
                throw new InvalidDataException($"The lexicon weighs '{name}', which is no feature.");
            means[feature, (int)intent] = weight;
        }

        return means;
    }

    private static double[] Probabilities(double[,] weights, int[] active)
    {
        var scores = new double[IntentTaxonomy.IntentCount];
        foreach (var feature in active)
        {
            for (var k = 0; k < scores.Length; k++)
                scores[k] += weights[feature, k];
        }

        var largest = scores.Max();
        for (var k = 0; k < scores.Length; k++)
            scores[k] = Math.Exp(scores[k] - largest);
        var sum = scores.Sum();
        for (var k = 0; k < scores.Length; k++)
            scores[k] /= sum;
        return scores;
    }

    private static string Write(IReadOnlyList<string> features, double[,] weights)
    {
        var text = new StringBuilder("feature,").AppendJoin(',', IntentTaxonomy.Intents).Append('\n');
        for (var feature = 0; feature < features.Count; feature++)
        {
            text.Append(features[feature]);
            for (var k = 0; k < IntentTaxonomy.IntentCount; k++)
                text.Append(CultureInfo.InvariantCulture, $",{weights[feature, k]:0.000}");
            text.Append('\n');
        }

        return text.ToString();
    }
}
