using System.Globalization;
using LexyHub.Core.Intents;

namespace LexyHub.Benchmarks.Intents;

/// <summary>Weighs and calibrates the lexicon with the labelled phrases, and shows what cross-validation says of both.</summary>
internal static class LexiconFit
{
    private const int Folds = 10;

    /// <summary>What a made-up phrase counts beside a real one: more of it, and cross-validation fell.</summary>
    private const double MadeUpWeight = 0.1;

    private static readonly double[] s_penalties = [0.00025, 0.0005, 0.001, 0.002];

    public static int Run(string directory)
    {
        var file = LexiconFile.Parse("en", name => new StreamReader(Path.Combine(directory, name)));
        var (shipped, later) = (LabelledPhrase.ReadShipped(), LabelledPhrase.ReadLater());
        var madeUp = ReadMadeUp(Path.Combine(directory, "..", "Labels", "made-up.csv"));
        var lexicon = new Lexicon(file, LexiconTrainer.WordsOf([.. shipped, .. later, .. madeUp]));
        var reader = new LexiconReader(lexicon);

        // Only the later phrases are left out and measured: words and shapes were chosen by the shipped ones, which would say too much. The
        // order of the files is by source: folds are of places, so that each has its share of every source.
        List<(LabelledPhrase Phrase, LexiconReading Reading, double Weight)> known =
            [.. shipped.Select(phrase => Read(phrase, 1)), .. madeUp.Select(phrase => Read(phrase, MadeUpWeight))];
        var measured = later.Select(phrase => Read(phrase, 1)).ToList();
        var (penalty, answers) = (0d, (List<ScoredPhrase>)[]);
        foreach (var one in s_penalties)
        {
            var scored = CrossValidate(one, known, measured, lexicon, file);
            Print($"penalty {one}", scored);
            if (answers.Count == 0 || new ClassifierEvaluation(scored).MacroF1 > new ClassifierEvaluation(answers).MacroF1)
                (penalty, answers) = (one, scored);
        }

        foreach (var ((phrase, reading, _), answer) in measured.Zip(answers).Where(one => !one.Second.IsRight))
            Console.WriteLine($"  {phrase.Text,-50} {phrase.Intent,-14} {answer.Answer,-14} {answer.Confidence:0.00} {reading.Kinds} | {reading.Head}");
        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Print($"calibrated by {method}, each fold by the others", Calibrate(method, answers));

        // Of answers to phrases that the weights had not seen: of seen ones the lexicon would be too sure.
        var calibration = CalibrationFit.Fit([.. answers.Select(answer => (answer.Confidence, answer.IsRight))], CalibrationMethod.Platt);
        File.WriteAllText(Path.Combine(directory, "en.calibration.csv"), CalibrationFile.Write(calibration));
        var weights = LexiconTrainer.Fit(lexicon, file.Priors, [.. known.Concat(measured).Select(ToExample)], penalty);
        File.WriteAllText(Path.Combine(directory, "en.weights.csv"), LexiconTrainer.Write(weights));
        Console.WriteLine($"Penalty {penalty}, {shipped.Count + later.Count} phrases and {madeUp.Count} made up. Build anew to use it.");
        return BenchmarkCommand.Done;

        (LabelledPhrase Phrase, LexiconReading Reading, double Weight) Read(LabelledPhrase phrase, double weight)
            => (phrase, reader.Read(phrase.Text), weight);
    }

    private static IReadOnlyList<LabelledPhrase> ReadMadeUp(string path)
    {
        using var reader = new StreamReader(path);
        return LabelledPhrase.Read(reader, int.MaxValue);
    }

    private static (LexiconReading Reading, PurchaseIntent Intent, double Weight) ToExample((LabelledPhrase Phrase, LexiconReading Reading, double Weight) one)
        => (one.Reading, one.Phrase.Intent, one.Weight);

    /// <returns>The answers to the measured phrases, each by weights of the known ones and of the other folds.</returns>
    private static List<ScoredPhrase> CrossValidate(
        double penalty, List<(LabelledPhrase Phrase, LexiconReading Reading, double Weight)> known,
        List<(LabelledPhrase Phrase, LexiconReading Reading, double Weight)> measured, Lexicon lexicon, LexiconFile file)
    {
        var scored = new ScoredPhrase[measured.Count];
        Parallel.For(0, Folds, fold =>
        {
            var weights = LexiconTrainer.Fit(
                lexicon, file.Priors,
                [.. known.Concat(measured.Where((_, i) => i % Folds != fold)).Select(ToExample)], penalty);
            var classifier = new LexiconClassifier(lexicon, new LexiconWeights(lexicon, weights), null);
            for (var i = fold; i < measured.Count; i += Folds)
            {
                var result = classifier.Decide(measured[i].Reading);
                scored[i] = new ScoredPhrase(measured[i].Phrase.Intent, result.Intent, result.Number);
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
