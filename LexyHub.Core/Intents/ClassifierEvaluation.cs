namespace LexyHub.Core.Intents;

/// <summary>One labelled phrase as a classifier answered it.</summary>
/// <param name="Confidence">That <paramref name="Answer"/> is right, 0–1.</param>
public sealed record ScoredPhrase(PurchaseIntent Label, PurchaseIntent Answer, double Confidence)
{
    public bool IsRight => Label == Answer;
}

/// <summary>How well a classifier did on labelled phrases.</summary>
public sealed class ClassifierEvaluation
{
    public const int Bins = 10;

    private const int Resamples = 2_000;
    private const int Seed = 20_260_415;

    private readonly IReadOnlyList<ScoredPhrase> _phrases;

    /// <param name="phrases">At least one.</param>
    public ClassifierEvaluation(IReadOnlyList<ScoredPhrase> phrases)
    {
        _phrases = phrases;
        Classes = [.. Enum.GetValues<PurchaseIntent>().Select(intent => ScoreClass(intent, phrases))];
        ReliabilityBins = BinsOf(phrases);
        CalibrationError = ErrorOf(ReliabilityBins, phrases.Count);
    }

    public double Accuracy => _phrases.Average(phrase => phrase.IsRight ? 1d : 0);

    /// <summary>The mean of the classes' F1, each of the same weight.</summary>
    public double MacroF1 => Classes.Average(one => one.F1);

    public IReadOnlyList<ClassScore> Classes { get; }

    /// <summary>Mean square of confidence minus outcome (Brier 1950): 0 at best; 0.25 for one who always says a half.</summary>
    public double Brier => _phrases.Average(phrase => Math.Pow(phrase.Confidence - (phrase.IsRight ? 1 : 0), 2));

    /// <summary>Expected calibration error: the mean distance of confidence and share of right answers over ten bins of equal mass.</summary>
    public double CalibrationError { get; }

    public IReadOnlyList<ReliabilityBin> ReliabilityBins { get; }

    /// <returns>The middle 95 % of <see cref="CalibrationError"/> over phrases drawn again with replacement; the same at every call.</returns>
    public (double Low, double High) CalibrationErrorInterval()
    {
        var random = new Random(Seed);
        var errors = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var drawn = Enumerable.Range(0, _phrases.Count).Select(_ => _phrases[random.Next(_phrases.Count)]).ToList();
            errors[i] = ErrorOf(BinsOf(drawn), drawn.Count);
        }

        Array.Sort(errors);
        return (errors[Resamples / 40], errors[^(Resamples / 40)]);
    }

    private static ClassScore ScoreClass(PurchaseIntent intent, IReadOnlyList<ScoredPhrase> phrases)
    {
        var right = phrases.Count(phrase => phrase.Label == intent && phrase.IsRight);
        return new ClassScore(intent, phrases.Count(phrase => phrase.Label == intent), phrases.Count(phrase => phrase.Answer == intent), right);
    }

    private static List<ReliabilityBin> BinsOf(IReadOnlyList<ScoredPhrase> phrases)
    {
        var ordered = phrases.OrderBy(phrase => phrase.Confidence).ToList();
        var bins = new List<ReliabilityBin>();
        for (var bin = 0; bin < Bins; bin++)
        {
            var part = ordered[(ordered.Count * bin / Bins)..(ordered.Count * (bin + 1) / Bins)];
            if (part.Count > 0)
                bins.Add(new ReliabilityBin(part.Count, part.Average(phrase => phrase.Confidence), part.Average(phrase => phrase.IsRight ? 1d : 0)));
        }

        return bins;
    }

    private static double ErrorOf(IReadOnlyList<ReliabilityBin> bins, int count)
        => bins.Sum(bin => bin.Count * Math.Abs(bin.Confidence - bin.Right)) / count;
}

/// <param name="Labelled">Phrases of the class.</param>
/// <param name="Answered">Phrases that the classifier gave to it.</param>
/// <param name="Right">Both.</param>
public sealed record ClassScore(PurchaseIntent Intent, int Labelled, int Answered, int Right)
{
    public double Precision => Answered == 0 ? 0 : (double)Right / Answered;

    public double Recall => Labelled == 0 ? 0 : (double)Right / Labelled;

    public double F1 => Labelled + Answered == 0 ? 0 : 2d * Right / (Labelled + Answered);
}

/// <param name="Confidence">The mean.</param>
/// <param name="Right">The share of right answers.</param>
public sealed record ReliabilityBin(int Count, double Confidence, double Right);
