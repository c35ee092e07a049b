using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Intents;

/// <summary>Fits the confidence of the configured model to labelled phrases and keeps the map for intent-classify.</summary>
public sealed class IntentCalibration(TextClassifier classifier, LexyHubDatabase database, IOptions<IntentOptions> options, TimeProvider time)
{
    /// <summary>Each half is judged by a map that is fitted to the other.</summary>
    public const int FewestPhrases = 2 * CalibrationFit.FewestPhrases;

    /// <exception cref="JobException"><c>model-required</c>: only the lexicon is configured; <c>too-few-phrases</c>.</exception>
    public async Task<CalibrationReport> RunAsync(IReadOnlyList<LabelledPhrase> phrases, CancellationToken cancellationToken)
    {
        if (classifier.Model is not { } model)
        {
            throw new JobException(
                "model-required", 500, "Only the lexicon is configured, whose calibration ships with it. Set up OpenAI or Azure OpenAI, whose model is to be calibrated.");
        }

        // Before anything is paid for.
        if (phrases.Count < FewestPhrases)
            throw TooFew($"There are {phrases.Count} labelled phrases");

        var answers = (await classifier.ClassifyAsync([.. phrases.Select(phrase => phrase.Text)], options.Value.BatchSize, null, cancellationToken))
            .Zip(phrases, (answer, phrase) => (answer.Classification, Phrase: phrase))
            .Where(one => one.Classification is not null)
            .Select(one => new ScoredPhrase(one.Phrase.Intent, one.Classification!.Intent, one.Classification.VerbalConfidence!.Value))
            .ToList();
        if (answers.Count < FewestPhrases)
            throw TooFew($"{answers.Count} of {phrases.Count} phrases were classified");

        var map = Fit(answers);
        await CalibrationStore.WriteAsync(database.DataSource, model, IntentPrompt.Version, map, time.GetUtcNow(), cancellationToken);
        return new CalibrationReport(
            model, IntentPrompt.Version, map, phrases.Count - answers.Count, new ClassifierEvaluation(answers), CrossFit(answers));
    }

    private static JobException TooFew(string what) => new("too-few-phrases", 500, $"{what}; {FewestPhrases} are needed. Label more.");

    // Each half by the map of the other, so that the figure is not of phrases that it was fitted to.
    private static ClassifierEvaluation CrossFit(List<ScoredPhrase> answers)
    {
        ScoredPhrase[][] halves = [[.. answers.Where((_, i) => i % 2 == 0)], [.. answers.Where((_, i) => i % 2 == 1)]];
        return new ClassifierEvaluation(
        [
            .. halves.SelectMany((half, i) =>
            {
                var map = Fit(halves[1 - i]);
                return half.Select(answer => answer with { Confidence = map.Apply(answer.Confidence) });
            }),
        ]);
    }

    private static ConfidenceMap Fit(IReadOnlyList<ScoredPhrase> answers)
        => CalibrationFit.Fit([.. answers.Select(answer => (answer.Confidence, answer.IsRight))]);
}

/// <summary>What came of a calibration.</summary>
/// <param name="Unanswered">Phrases that the model did not classify.</param>
/// <param name="Before">By the model's own numbers.</param>
/// <param name="After">By the map, each half of the phrases by a map fitted to the other.</param>
public sealed record CalibrationReport(
    string Model, int PromptVersion, ConfidenceMap Map, int Unanswered, ClassifierEvaluation Before, ClassifierEvaluation After);
