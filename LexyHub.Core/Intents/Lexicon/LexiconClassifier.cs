using System.Text;

namespace LexyHub.Core.Intents;

/// <summary>
/// The lexicon layer: a text's cues, weighed. It knows words, not meaning, and is named as such in what is stored. Safe to share; it
/// allocates nothing but what <see cref="Explain"/> returns.
/// </summary>
internal sealed class LexiconClassifier
{
    /// <summary>As it is stored. Raised with every change of the lexicon, its weights or its calibration: then local rows are classified anew.</summary>
    public const string Model = "lexyhub-lexicon-5";

    /// <summary>A second intent is named where it has this probability at least.</summary>
    private const float LeastSecondary = 0.25f;

    private static readonly Lazy<LexiconClassifier> s_english = new(() => Load("en"));

    private readonly LexiconNetwork _network;
    private readonly ConfidenceMap? _calibration;
    private readonly ulong _account;
    private readonly ulong _care;
    private readonly ulong _repair;
    private readonly ulong _topic;
    private readonly ulong _concrete;
    private readonly ulong _gift;

    public LexiconClassifier(Lexicon lexicon, LexiconNetwork network, ConfidenceMap? calibration)
    {
        (Lexicon, _network, _calibration) = (lexicon, network, calibration);
        Reader = new LexiconReader(lexicon);
        (_account, _care, _repair) = (lexicon.MaskOf("account"), lexicon.MaskOf("care"), lexicon.MaskOf("repair"));
        (_topic, _gift) = (lexicon.MaskOf("topic"), lexicon.MaskOf("gift", "gift-choice"));
        _concrete = lexicon.MaskOf("kind", "compound", "brand", "model", "title", "material", "colour", "work", "file", "gift", "service", "act", "condition", "price");
    }

    /// <summary>The one language that there is so far.</summary>
    public static LexiconClassifier English => s_english.Value;

    public Lexicon Lexicon { get; }

    internal LexiconReader Reader { get; }

    /// <param name="language">ISO 639-1, as the files are named.</param>
    public static LexiconClassifier Load(string language)
    {
        var file = LexiconFile.Parse(language, Open);
        using var weights = Open($"{language}.weights.csv");
        using var clusters = Open($"{language}.clusters.csv");
        var lexicon = new Lexicon(file, WordClusters.Parse(clusters));
        using var calibration = Open($"{language}.calibration.csv");
        return new LexiconClassifier(lexicon, new LexiconNetwork(lexicon, LexiconWeights.Read(weights)), CalibrationFile.Parse(calibration));
    }

    public LexiconResult Classify(ReadOnlySpan<char> text) => Decide(text, Reader.Read(text));

    /// <returns>The same as <see cref="Classify"/>, and the phrases that spoke for the intent, the strongest first.</returns>
    public (LexiconResult Result, IReadOnlyList<string> Cues) Explain(string text)
    {
        var matches = new List<LexiconMatch>();
        var result = Decide(text, Reader.Read(text, matches));
        var evidence = _network.Evidence(text, result.Reading, result.Intent);
        float OfWords(int first, int count)
            => evidence.Words.Skip(first).Take(count).Sum();

        // A phrase speaks by its cue and by its words; a word that is in no phrase, by itself.
        var found = new List<(string Text, float Evidence)>();
        var words = new LexiconText(text, stackalloc char[LexiconText.MaxCharacters], stackalloc (short, short)[LexiconText.MaxWords]);
        for (var i = 0; i < evidence.Words.Length; i++)
        {
            if (!matches.Exists(match => CuesOf(match).Any() && match.First <= i && i < match.First + match.Words))
                found.Add(($"{words.Words(i)} (word)", evidence.Words[i]));
        }

        foreach (var match in matches)
        {
            foreach (var cue in CuesOf(match))
                found.Add(($"{match.Phrase} ({Lexicon.Cues[cue]})", evidence.Cues[cue] + OfWords(match.First, match.Words)));
        }

        found.Add(($"{matches.LastOrDefault().Phrase} (head: {result.Reading.Head.ToString().ToLowerInvariant()})", evidence.Head));
        return (result, [.. found.Where(one => one.Evidence > 0).OrderByDescending(one => one.Evidence).Select(one => one.Text).Distinct()]);
    }

    internal LexiconResult Decide(ReadOnlySpan<char> text, in LexiconReading reading)
    {
        var probabilities = _network.Score(text, reading);
        var (first, second) = (0, -1);
        for (var i = 1; i < IntentTaxonomy.IntentCount; i++)
        {
            if (probabilities[i] > probabilities[first])
                (second, first) = (first, i);
            else if (second < 0 || probabilities[i] > probabilities[second])
                second = i;
        }

        var number = probabilities[first];
        var intent = (PurchaseIntent)first;
        return new LexiconResult(
            intent,
            probabilities[second] >= LeastSecondary ? (PurchaseIntent)second : null,
            StageOf(intent, reading),
            number,
            _calibration is null ? number : (float)_calibration.Apply(number),
            reading,
            (reading.Cues & _gift) != 0);
    }

    // By the guideline: what one has already comes first, then the intent, and then whether a thing or service is in view.
    private PurchaseStage StageOf(PurchaseIntent intent, in LexiconReading reading)
    {
        if ((reading.Cues & (_account | _care)) != 0 || ((reading.Cues & _repair) != 0 && intent != PurchaseIntent.Informational))
            return PurchaseStage.Retention;

        var isConcrete = (reading.Cues & _concrete) != 0;
        return intent switch
        {
            PurchaseIntent.Informational => isConcrete && (reading.Cues & _topic) == 0 ? PurchaseStage.Consideration : PurchaseStage.Awareness,
            PurchaseIntent.Navigational => isConcrete ? PurchaseStage.Purchase : PurchaseStage.Consideration,
            PurchaseIntent.Commercial => PurchaseStage.Consideration,
            _ => PurchaseStage.Purchase,
        };
    }

    private IEnumerable<int> CuesOf(LexiconMatch match)
        => Enumerable.Range(0, Lexicon.Cues.Count).Where(bit => ((match.Cues & ~Lexicon.Classes) >> bit & 1) != 0);

    private static StreamReader Open(string name)
        => new(
            typeof(LexiconClassifier).Assembly.GetManifestResourceStream($"intents/{name}")
                ?? throw new InvalidDataException($"There is no lexicon file {name}."),
            Encoding.UTF8);
}

/// <param name="Number">Of the weights, before calibration.</param>
/// <param name="Confidence">Calibrated: the probability that <paramref name="Intent"/> is right.</param>
internal readonly record struct LexiconResult(
    PurchaseIntent Intent, PurchaseIntent? Secondary, PurchaseStage Stage, float Number, float Confidence, LexiconReading Reading, bool IsGift);
