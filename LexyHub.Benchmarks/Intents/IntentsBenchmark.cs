using System.Diagnostics;
using System.Globalization;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Intents;

namespace LexyHub.Benchmarks.Intents;

/// <summary>The lexicon on the held phrases, beside a majority and a nearest-centroid classifier; its speed on one core.</summary>
internal static class IntentsBenchmark
{
    private const double LeastMacroF1 = 0.80;
    private const double MostCalibrationError = 0.08;
    private const double LeastTextsPerSecond = 200_000;
    private const int SpeedTexts = 1_000_000;

    public static Task<int> RunAsync(string[] args)
    {
        if (args is ["speed"])
        {
            // Alone, so that a change for speed needs no look at the held phrases.
            var alone = MeasureSpeed(LabelledPhrase.ReadShipped());
            return Task.FromResult(
                Report("texts a second on one core", alone, "at least", LeastTextsPerSecond, alone >= LeastTextsPerSecond) ? BenchmarkCommand.Done : BenchmarkCommand.Missed);
        }

        if (args is not [])
        {
            Console.WriteLine("intents [speed]   the score on the held phrases and the speed, or the speed alone. A version is scored when it is settled, not before");
            return Task.FromResult(args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage);
        }

        IReadOnlyList<LabelledPhrase> phrases = [.. LabelledPhrase.ReadShipped(), .. LabelledPhrase.ReadLater()];
        var held = LabelledPhrase.ReadHeld();
        Console.WriteLine($"{held.Count} held phrases; {phrases.Count} others");
        var sealedPhrases = OtherQueries.IsAtHand ? OtherQueries.ReadSealed() : null;
        Print("majority", new ClassifierEvaluation(Majority(phrases, held)));
        Print("nearest centroid (local embeddings)", new ClassifierEvaluation(NearestCentroid(phrases, held)));
        var met = PrintLexicon("held", held);
        if (sealedPhrases is not null)
            met &= PrintLexicon("sealed", sealedPhrases);
        else
            Console.WriteLine($"sealed phrases: not measured, {OtherQueries.FileName} is not in LEXYHUB_DATA");
        var rate = MeasureSpeed(phrases);
        met &= Report("texts a second on one core", rate, "at least", LeastTextsPerSecond, rate >= LeastTextsPerSecond);
        return Task.FromResult(met ? BenchmarkCommand.Done : BenchmarkCommand.Missed);
    }

    private static bool PrintLexicon(string which, IReadOnlyList<LabelledPhrase> phrases)
    {
        var lexicon = new ClassifierEvaluation([.. phrases.Select(Score)]);
        Print($"lexicon ({LexiconClassifier.Model}) on {phrases.Count} {which} phrases", lexicon);
        PrintReliability(lexicon);
        PrintStages(phrases);
        var met = Report($"macro-F1 on {which} phrases", lexicon.MacroF1, "at least", LeastMacroF1, lexicon.MacroF1 >= LeastMacroF1);
        return met & Report($"calibration error on {which} phrases", lexicon.CalibrationError, "under", MostCalibrationError, lexicon.CalibrationError < MostCalibrationError);
    }

    private static ScoredPhrase Score(LabelledPhrase phrase)
    {
        var result = LexiconClassifier.English.Classify(phrase.Text);
        return new ScoredPhrase(phrase.Intent, result.Intent, result.Confidence);
    }

    private static List<ScoredPhrase> Majority(IReadOnlyList<LabelledPhrase> known, IReadOnlyList<LabelledPhrase> held)
    {
        var (intent, count) = known.CountBy(phrase => phrase.Intent).MaxBy(one => one.Value);
        return [.. held.Select(phrase => new ScoredPhrase(phrase.Intent, intent, (double)count / known.Count))];
    }

    // Its number is the share of the nearest centroid in the sum of all similarities: no probability, and named so by its calibration error.
    private static List<ScoredPhrase> NearestCentroid(IReadOnlyList<LabelledPhrase> known, IReadOnlyList<LabelledPhrase> held)
    {
        const int Dimensions = 3_072;
        var centroids = new float[IntentTaxonomy.IntentCount][];
        for (var intent = 0; intent < centroids.Length; intent++)
        {
            centroids[intent] = new float[Dimensions];
            foreach (var phrase in known.Where(phrase => (int)phrase.Intent == intent))
            {
                var vector = Embed(phrase.Text);
                for (var i = 0; i < Dimensions; i++)
                    centroids[intent][i] += vector[i];
            }

            var length = MathF.Sqrt(centroids[intent].Sum(value => value * value));
            for (var i = 0; i < Dimensions; i++)
                centroids[intent][i] /= length;
        }

        return
        [
            .. held.Select(phrase =>
            {
                var vector = Embed(phrase.Text);
                var similar = centroids.Select(centroid => Math.Max(0, centroid.Zip(vector, (a, b) => a * b).Sum())).ToArray();
                var best = Array.IndexOf(similar, similar.Max());
                return new ScoredPhrase(phrase.Intent, (PurchaseIntent)best, similar.Sum() > 0 ? similar[best] / similar.Sum() : 0.25);
            }),
        ];

        static float[] Embed(string text)
        {
            var vector = new float[Dimensions];
            LexicalEmbedding.Embed(text, vector);
            return vector;
        }
    }

    private static void Print(string name, ClassifierEvaluation evaluation)
    {
        var (low, high) = evaluation.CalibrationErrorInterval();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: accuracy {evaluation.Accuracy:0.000}, macro-F1 {evaluation.MacroF1:0.000}, Brier {evaluation.Brier:0.000}, ECE {evaluation.CalibrationError:0.000} (95 %: {low:0.000}-{high:0.000})"));
        foreach (var one in evaluation.Classes)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"    {one.Intent.ToWire(),-14} precision {one.Precision:0.000} recall {one.Recall:0.000} F1 {one.F1:0.000} of {one.Labelled}"));
        }
    }

    private static void PrintReliability(ClassifierEvaluation evaluation)
    {
        Console.WriteLine("    bin  phrases  confidence  right");
        foreach (var (bin, i) in evaluation.ReliabilityBins.Select((bin, i) => (bin, i)))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {i + 1,3}  {bin.Count,7}  {bin.Confidence,10:0.000}  {bin.Right:0.000}"));
    }

    private static void PrintStages(IReadOnlyList<LabelledPhrase> held)
    {
        var right = held.Count(phrase => LexiconClassifier.English.Classify(phrase.Text).Stage == phrase.Stage);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    purchase stage: accuracy {(double)right / held.Count:0.000}"));
    }

    private static double MeasureSpeed(IReadOnlyList<LabelledPhrase> phrases)
    {
        var texts = phrases.Select(phrase => phrase.Text).ToArray();
        var classifier = LexiconClassifier.English;
        var sum = 0f;
        for (var i = 0; i < 200_000; i++)
            sum += classifier.Classify(texts[i % texts.Length]).Confidence;
        var startedAt = Stopwatch.GetTimestamp();
        for (var i = 0; i < SpeedTexts; i++)
            sum += classifier.Classify(texts[i % texts.Length]).Confidence;
        var rate = SpeedTexts / Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {SpeedTexts:N0} texts of {texts.Average(text => text.Length):0} characters (mean confidence {sum / (SpeedTexts + 200_000):0.00})"));
        return rate;
    }

    private static bool Report(string what, double value, string bound, double limit, bool isMet)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-36} {value,12:N3} ({bound} {limit:N2}) {(isMet ? "met" : "MISSED")}"));
        return isMet;
    }
}
