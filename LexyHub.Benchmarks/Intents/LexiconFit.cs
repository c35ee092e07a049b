using System.Globalization;
using LexyHub.Core.Intents;

namespace LexyHub.Benchmarks.Intents;

/// <summary>Weighs and calibrates the lexicon with the labelled phrases, and shows what cross-validation says of both.</summary>
internal static class LexiconFit
{
    private const int Folds = 10;

    /// <summary>What a made-up phrase counts beside a real one.</summary>
    private const float MadeUpWeight = 0.3f;

    /// <summary>What an informational phrase counts: they are the fewest, and each class is worth the same to who targets by it.</summary>
    private const float InformationalWeight = 1.15f;

    public static int Run(string directory)
    {
        using var clusters = new StreamReader(Path.Combine(directory, "en.clusters.csv"));
        var lexicon = new Lexicon(LexiconFile.Parse("en", name => new StreamReader(Path.Combine(directory, name))), WordClusters.Parse(clusters));
        var reader = new LexiconReader(lexicon);
        var labels = Path.Combine(directory, "..", "Labels");
        var (shipped, later) = (LabelledPhrase.ReadShipped(), LabelledPhrase.ReadLater());
        using var labelsOfOthers = new StreamReader(Path.Combine(labels, "others.csv"));
        var others = OtherQueries.Read(labelsOfOthers);
        var madeUp = ReadMadeUp(Path.Combine(labels, "made-up.csv"));

        // Only the later phrases are left out and measured: words and shapes were chosen by the shipped ones, which would say too much, and of the
        // others one reading is all there is. The order of the files is by source: folds are of places, so that each has its share of every source.
        List<(string[] Features, PurchaseIntent Intent, float Weight)> known =
            [.. shipped.Concat(others).Select(phrase => Read(phrase, 1)), .. madeUp.Select(phrase => Read(phrase, MadeUpWeight))];
        var measured = later.Select(phrase => Read(phrase, 1)).ToList();
        Console.WriteLine($"{shipped.Count + later.Count + others.Count} phrases and {madeUp.Count} made up");
        var answers = CrossValidate(known, later, measured, lexicon, reader);
        Print("cross-validated", answers);
        foreach (var (phrase, answer) in later.Zip(answers).Where(one => !one.Second.IsRight))
            Console.WriteLine($"  {phrase.Text,-50} {phrase.Intent,-14} {answer.Answer,-14} {answer.Confidence:0.00} {reader.Read(phrase.Text).Kinds}");
        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Print($"calibrated by {method}, each fold by the others", Calibrate(method, answers));

        // Of answers to phrases that the weights had not seen: of seen ones the lexicon would be too sure.
        var calibration = CalibrationFit.Fit([.. answers.Select(answer => (answer.Confidence, answer.IsRight))], CalibrationMethod.Platt);
        File.WriteAllText(Path.Combine(directory, "en.calibration.csv"), CalibrationFile.Write(calibration));
        var weights = LexiconTrainer.Fit([.. known, .. measured], Folds);
        File.WriteAllText(Path.Combine(directory, "en.weights.csv"), weights.Write());
        Console.WriteLine($"{weights.Lines.Count} lines of weights. Build anew to use them.");
        return BenchmarkCommand.Done;

        (string[] Features, PurchaseIntent Intent, float Weight) Read(LabelledPhrase phrase, float weight)
            => (LexiconTrainer.FeaturesOf(phrase.Text, reader.Read(phrase.Text), lexicon), phrase.Intent,
                phrase.Intent == PurchaseIntent.Informational ? weight * InformationalWeight : weight);
    }

    private static IReadOnlyList<LabelledPhrase> ReadMadeUp(string path)
    {
        using var reader = new StreamReader(path);
        return LabelledPhrase.Read(reader, int.MaxValue);
    }

    /// <returns>The answers to the measured phrases, each by weights of the known ones and of the other folds.</returns>
    private static List<ScoredPhrase> CrossValidate(
        List<(string[] Features, PurchaseIntent Intent, float Weight)> known, IReadOnlyList<LabelledPhrase> phrases,
        List<(string[] Features, PurchaseIntent Intent, float Weight)> measured, Lexicon lexicon, LexiconReader reader)
    {
        var scored = new ScoredPhrase[measured.Count];
        Parallel.For(0, Folds, fold =>
        {
            var weights = LexiconTrainer.Fit([.. known, .. measured.Where((_, i) => i % Folds != fold)], fold);
            var classifier = new LexiconClassifier(lexicon, new LexiconNetwork(lexicon, weights), null);
            for (var i = fold; i < measured.Count; i += Folds)
            {
                var result = classifier.Decide(phrases[i].Text, reader.Read(phrases[i].Text));
                scored[i] = new ScoredPhrase(phrases[i].Intent, result.Intent, result.Number);
            }
        });
        return [.. scored];
    }

    private static List<ScoredPhrase> Calibrate(CalibrationMethod method, List<ScoredPhrase> answers)
    {
        var calibrated = new ScoredPhrase[answers.Count];
        for (var fold = 0; fold < Folds; fold++)
        {
            var map = CalibrationFit.Fit([.. answers.Where((_, i) => i % Folds != fold).Select(answer => (answer.Confidence, answer.IsRight))], method);
            for (var i = fold; i < answers.Count; i += Folds)
                calibrated[i] = answers[i] with { Confidence = map.Apply(answers[i].Confidence) };
        }

        return [.. calibrated];
    }

    private static void Print(string what, List<ScoredPhrase> scored)
    {
        var evaluation = new ClassifierEvaluation(scored);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: accuracy {evaluation.Accuracy:0.000}, macro-F1 {evaluation.MacroF1:0.000}, Brier {evaluation.Brier:0.000}, ECE {evaluation.CalibrationError:0.000}; ")
            + string.Join(", ", evaluation.Classes.Select(one => string.Create(
                CultureInfo.InvariantCulture, $"{one.Intent.ToWire()} P {one.Precision:0.000} R {one.Recall:0.000} F1 {one.F1:0.000}"))));
    }
}
