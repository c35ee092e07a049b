using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Intents;

/// <summary>Classifies any text, without a database: by the configured model, or by the lexicon.</summary>
public sealed class TextClassifier(IChatServiceFactory services, ILogger<TextClassifier> logger)
{
    /// <summary>The model that the settings choose; null for the lexicon.</summary>
    /// <exception cref="JobException"><c>provider-not-configured</c>.</exception>
    public string? Model => services.Resolve()?.Model;

    /// <summary>By the lexicon, whatever is configured.</summary>
    public static ClassifiedText ByLexicon(string text)
    {
        var classifier = LexiconClassifier.English;
        var (result, cues) = classifier.Explain(text);
        return new ClassifiedText(text, LexiconWording.Describe(text, result, classifier.Lexicon), cues, null);
    }

    /// <param name="batchSize">Texts a request.</param>
    /// <param name="calibration">Of the model; null where none has been fitted.</param>
    /// <returns>In the order of the texts. The cues are the lexicon's, whoever classified.</returns>
    /// <exception cref="JobException">There is no provider, or nothing can go on.</exception>
    public async Task<IReadOnlyList<ClassifiedText>> ClassifyAsync(
        IReadOnlyList<string> texts, int batchSize, ConfidenceMap? calibration, CancellationToken cancellationToken)
    {
        if (services.Resolve() is not { } service)
            return [.. texts.Select(ByLexicon)];

        var model = new IntentModelClassifier(service, calibration, logger);
        var batches = texts.Chunk(batchSize).ToArray();
        var results = new IntentBatchResult[batches.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, batches.Length),
            new ParallelOptions { MaxDegreeOfParallelism = service.MaxConcurrency, CancellationToken = cancellationToken },
            async (i, stop) =>
            {
                results[i] = await model.ClassifyAsync([.. batches[i].Select(text => (DueItem.KeywordKind, text))], _ => true, stop);
                if (results[i].Ended is { } ended)
                    System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(ended);
            });
        return [.. batches.SelectMany((batch, i) => batch.Select((text, place) => Describe(text, place, results[i])))];
    }

    private static ClassifiedText Describe(string text, int place, IntentBatchResult result) => new(
        text,
        result.Classified.TryGetValue(place, out var one) ? one.Classification : null,
        LexiconClassifier.English.Explain(text).Cues,
        result.Rejected.GetValueOrDefault(place) ?? result.Failed.GetValueOrDefault(place));
}

/// <param name="Classification">Null where the model gave none.</param>
/// <param name="Cues">Phrases of the text that speak for its intent by the lexicon, with the name of the cue.</param>
/// <param name="Error">Why there is none.</param>
public sealed record ClassifiedText(string Text, Classification? Classification, IReadOnlyList<string> Cues, string? Error)
{
    /// <summary>With <c>text</c>, <c>intent</c> and so on; or <c>text</c> and <c>error</c>.</summary>
    public JsonObject ToJson() => Classification is null
        ? new JsonObject { ["text"] = Text, ["error"] = Error }
        : ClassificationJson.Describe(Text, Classification, Cues);
}
