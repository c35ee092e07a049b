using LexyHub.Core.Intents;

namespace LexyHub.Benchmarks.Intents;

/// <summary>Weighs the lexicon with the phrases of the part develop and calibrates it with those of the part calibrate; shows cross-validation on develop.</summary>
internal static class LexiconFit
{
    private const int Folds = 10;

    private static readonly double[] s_penalties = [0.003, 0.006, 0.01, 0.02, 0.04, 0.1];

    public static int Run(string directory)
    {
        var file = LexiconFile.Parse(new StreamReader(Path.Combine(directory, "en.lexicon")));
        var lexicon = new Lexicon(file);
        var reader = new LexiconReader(lexicon);
        var phrases = LabelledPhrase.ReadShipped();
        var develop = Read(phrases, LabelledPart.Develop);
        var penalty = s_penalties.MaxBy(one => CrossValidate(one, develop, lexicon, file, show: false));
        CrossValidate(penalty, develop, lexicon, file, show: true);

        var weights = LexiconTrainer.Fit(lexicon, file.Priors, [.. develop.Select(one => (one.Reading, one.Phrase.Intent))], penalty);
        File.WriteAllText(Path.Combine(directory, "en.weights.csv"), weights);
        var classifier = new LexiconClassifier(lexicon, LexiconWeights.Parse(new StringReader(weights), lexicon), null);
        var answers = Read(phrases, LabelledPart.Calibrate)
            .Select(one => (classifier.Decide(one.Reading), one.Phrase))
            .Select(one => ((double)one.Item1.Number, one.Item1.Intent == one.Phrase.Intent))
            .ToList();
        File.WriteAllText(Path.Combine(directory, "en.calibration.csv"), CalibrationFile.Write(CalibrationFit.Fit(answers)));
        Console.WriteLine($"On the part calibrate, as a whole: right {answers.Count(one => one.Item2)} of {answers.Count}.");
        Console.WriteLine($"Penalty {penalty}; weighed with {develop.Count} phrases, calibrated with {answers.Count}. Build anew to use it.");
        return BenchmarkCommand.Done;

        List<(LabelledPhrase Phrase, LexiconReading Reading)> Read(IEnumerable<LabelledPhrase> all, LabelledPart part)
            => [.. all.Where(phrase => phrase.Part == part).Select(phrase => (phrase, reader.Read(phrase.Text)))];
    }

    private static double CrossValidate(double penalty, List<(LabelledPhrase Phrase, LexiconReading Reading)> develop, Lexicon lexicon, LexiconFile file, bool show)
    {
        var scored = new List<ScoredPhrase>();
        for (var fold = 0; fold < Folds; fold++)
        {
            var weights = LexiconTrainer.Fit(
                lexicon, file.Priors, [.. develop.Where((_, i) => i % Folds != fold).Select(one => (one.Reading, one.Phrase.Intent))], penalty);
            var classifier = new LexiconClassifier(lexicon, LexiconWeights.Parse(new StringReader(weights), lexicon), null);
            foreach (var (phrase, reading) in develop.Where((_, i) => i % Folds == fold))
            {
                var result = classifier.Decide(reading);
                scored.Add(new ScoredPhrase(phrase.Intent, result.Intent, result.Number));
                if (show && result.Intent != phrase.Intent)
                    Console.WriteLine($"  {phrase.Text,-50} {phrase.Intent,-14} {result.Intent,-14} {result.Number:0.00} {CuesOf(reading, lexicon)}");
            }
        }

        var evaluation = new ClassifierEvaluation(scored);
        Console.WriteLine($"Penalty {penalty}: cross-validated accuracy {evaluation.Accuracy:0.000}, macro-F1 {evaluation.MacroF1:0.000}; "
            + string.Join(", ", evaluation.Classes.Select(one => $"{one.Intent} P {one.Precision:0.00} R {one.Recall:0.00}")));
        return evaluation.MacroF1;
    }

    private static string CuesOf(LexiconReading reading, Lexicon lexicon)
        => string.Join(' ', lexicon.Cues.Where((_, i) => (reading.Cues >> i & 1) != 0)) + " | " + reading.Shape;
}
