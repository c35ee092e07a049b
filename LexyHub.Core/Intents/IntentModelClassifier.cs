using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Intents;

/// <summary>Texts to the model and its answers back, reconciled by ids of ours: every text comes out once, classified, rejected or failed.</summary>
internal sealed class IntentModelClassifier(IChatService service, ConfidenceMap? calibration, ILogger logger)
{
    /// <summary>A part of a batch that is asked for again has so many texts; what is missing after that is asked for alone.</summary>
    private const int SmallerBatch = 10;

    private const int TriesAlone = 2;

    /// <param name="texts">With the kind of item, <c>keyword</c> or <c>listing</c>.</param>
    /// <param name="allow">Asked before each request with the tokens that it may cost at most; false ends asking.</param>
    /// <param name="budget">See <see cref="IChatService.AskAsync"/>.</param>
    /// <returns>What has come of it; where something ended it before its end, also that.</returns>
    public async Task<IntentBatchResult> ClassifyAsync(
        IReadOnlyList<(string Kind, string Text)> texts, Func<long, bool> allow, CancellationToken budget)
    {
        var result = new IntentBatchResult(texts.Count);
        try
        {
            await AskAsync([.. Enumerable.Range(0, texts.Count)], texts, result, allow, tryAlone: 1, budget);
        }
        catch (Exception e) when (e is OperationCanceledException or JobException or Http.RemoteServiceException)
        {
            // What was answered before it is paid for.
            result.Ended = e;
        }

        return result;
    }

    private async Task AskAsync(
        int[] places, IReadOnlyList<(string Kind, string Text)> texts, IntentBatchResult result, Func<long, bool> allow, int tryAlone,
        CancellationToken budget)
    {
        var ids = NewIds(places.Length);
        var question = IntentPrompt.Ask([.. places.Select((place, i) => (ids[i], texts[place].Kind, texts[place].Text))]);
        if (!allow(question.MostTokens))
        {
            result.IsCapped = true;
            return;
        }

        var answer = await service.AskAsync(question, budget);
        result.Add(answer);
        if (answer.Outcome == ChatOutcome.Failed)
        {
            foreach (var place in places)
                result.Failed[place] = answer.Reason!;
            return;
        }

        var (valid, faults) = IntentAnswer.Read(answer.Text, ids);
        var tokens = (int)((answer.InputTokens + answer.OutputTokens) / places.Length);
        var missing = new List<int>();
        for (var i = 0; i < places.Length; i++)
        {
            if (valid.TryGetValue(ids[i], out var entry))
                result.Classified[places[i]] = (ToClassification(texts[places[i]].Text, entry), tokens);
            else
                missing.Add(places[i]);
        }

        if (missing.Count == 0)
            return;

        if (places.Length == 1)
        {
            // A refusal is a decision; anything else may be an accident.
            if (answer.Outcome is ChatOutcome.Refused or ChatOutcome.Filtered or ChatOutcome.Rejected || tryAlone == TriesAlone)
                result.Rejected[missing[0]] = answer.Reason ?? $"{service.Model}: {faults[ids[0]]}.";
            else
                await AskAsync(places, texts, result, allow, tryAlone + 1, budget);
            return;
        }

        Log.AskingAgain(logger, places.Length, missing.Count, answer.Outcome.ToString());
        foreach (var part in missing.Chunk(places.Length > SmallerBatch ? SmallerBatch : 1))
        {
            if (result.IsCapped)
                return;
            await AskAsync(part, texts, result, allow, tryAlone: 1, budget);
        }
    }

    private Classification ToClassification(string text, IntentEntry entry) => new(
        entry.Intent,
        entry.Secondary,
        entry.Stage,
        entry.Persona,
        entry.Summary,
        Math.Round(calibration?.Apply(entry.Confidence) ?? entry.Confidence, 4),
        Calibrated: calibration is not null,
        VerbalConfidence: calibration is null ? entry.Confidence : null,
        entry.Facets,
        LegacyIntents.Of(entry.Intent, entry.Stage, LegacyIntents.IsWholesale(text)),
        service.Model);

    // By chance, so that no text can name another item of its batch.
    private static string[] NewIds(int count)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        while (ids.Count < count)
            ids.Add(System.Security.Cryptography.RandomNumberGenerator.GetString("abcdefghjkmnpqrstvwxyz23456789", 6));
        return [.. ids];
    }
}

/// <summary>What came of a batch and of the smaller requests that it had to be divided into; the keys are places in the batch.</summary>
internal sealed class IntentBatchResult(int count)
{
    public Dictionary<int, (Classification Classification, int Tokens)> Classified { get; } = [];

    /// <summary>Stood alone and came to nothing: for the quarantine, with the reason.</summary>
    public Dictionary<int, string> Rejected { get; } = [];

    /// <summary>No answer; nothing is wrong with the text.</summary>
    public Dictionary<int, string> Failed { get; } = [];

    /// <summary>The day's cap kept it from asking further; what is in none of the three was not asked for to its end.</summary>
    public bool IsCapped { get; set; }

    /// <summary>Ended it before its end.</summary>
    public Exception? Ended { get; set; }

    public int Requests { get; private set; }

    public long InputTokens { get; private set; }

    public long OutputTokens { get; private set; }

    /// <summary>Neither classified nor rejected nor failed: still due.</summary>
    public int Open => count - Classified.Count - Rejected.Count - Failed.Count;

    public void Add(ChatAnswer answer)
    {
        Requests += answer.Requests;
        InputTokens += answer.InputTokens;
        OutputTokens += answer.OutputTokens;
    }
}
