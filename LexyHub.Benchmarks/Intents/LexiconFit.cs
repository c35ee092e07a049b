using System.Globalization;
using LexyHub.Core.Intents;

namespace LexyHub.Benchmarks.Intents;

/// <summary>Weighs and calibrates the lexicon with the labelled phrases, and shows what cross-validation says of both.</summary>
internal static class LexiconFit
{
    private const int Folds = 10;

    private static readonly double[] s_penalties = [0.002, 0.004, 0.008, 0.016];

    public static int Run(string directory)
    {
        using var cues = Open("en.lexicon");
        using var names = Open("en.names.lexicon");
        using var words = Open("en.words.lexicon");
        var file = LexiconFile.Parse(cues, names, words);
        var lexicon = new Lexicon(file);
        var reader = new LexiconReader(lexicon);

        // The order of the file is by source: folds are of its places, so that each has its share of every source.
        var phrases = LabelledPhrase.ReadShipped().Select(phrase => (Phrase: phrase, Reading: reader.Read(phrase.Text))).ToList();
        var (penalty, answers) = (0d, (List<ScoredPhrase>)[]);
        foreach (var one in s_penalties)
        {
            var scored = CrossValidate(one, phrases, lexicon, file);
            Print($"penalty {one}", scored);
            if (answers.Count == 0 || new ClassifierEvaluation(scored).MacroF1 > new ClassifierEvaluation(answers).MacroF1)
                (penalty, answers) = (one, scored);
        }

        foreach (var ((phrase, reading), answer) in phrases.Zip(answers).Where(one => !one.Second.IsRight))
            Console.WriteLine($"  {phrase.Text,-50} {phrase.Intent,-14} {answer.Answer,-14} {answer.Confidence:0.00} {Describe(reading, lexicon)}");
        foreach (var method in Enum.GetValues<CalibrationMethod>())
            Print($"calibrated by {method}, each fold by the others", Calibrate(method, answers));

        // Of answers to phrases that the weights had not seen: of seen ones the lexicon would be too sure.
        var calibration = CalibrationFit.Fit([.. answers.Select(answer => (answer.Confidence, answer.IsRight))], CalibrationMethod.Platt);
        File.WriteAllText(Path.Combine(directory, "en.calibration.csv"), CalibrationFile.Write(calibration));
        File.WriteAllText(
            Path.Combine(directory, "en.weights.csv"),
            LexiconTrainer.Fit(lexicon, file.Priors, [.. phrases.Select(one => (one.Reading, one.Phrase.Intent))], penalty));
        Console.WriteLine($"Penalty {penalty}, {phrases.Count} phrases. Build anew to use it.");
        return BenchmarkCommand.Done;

        StreamReader Open(string name) => new(Path.Combine(directory, name));
    }

    private static List<ScoredPhrase> CrossValidate(
        double penalty, List<(LabelledPhrase Phrase, LexiconReading Reading)> phrases, Lexicon lexicon, LexiconFile file)
    {
        var scored = new ScoredPhrase[phrases.Count];
        Parallel.For(0, Folds, fold =>
        {
            var weights = LexiconTrainer.Fit(
                lexicon, file.Priors, [.. phrases.Where((_, i) => i % Folds != fold).Select(one => (one.Reading, one.Phrase.Intent))], penalty);
            var classifier = new LexiconClassifier(lexicon, LexiconWeights.Parse(new StringReader(weights), lexicon), null);
            for (var i = fold; i < phrases.Count; i += Folds)
            {
                var result = classifier.Decide(phrases[i].Reading);
                scored[i] = new ScoredPhrase(phrases[i].Phrase.Intent, result.Intent, result.Number);
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

    private static string Describe(LexiconReading reading, Lexicon lexicon)
        => string.Join(' ', lexicon.Cues.Where((_, i) => (reading.Cues >> i & 1) != 0)) + $" | {reading.Shape} | {reading.Head}";
}
