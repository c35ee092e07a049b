using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;

namespace LexyHub.Core.Intents;

/// <summary>What a run has done so far.</summary>
internal sealed class IntentTally(IntentScope scope, IChatService? service)
{
    private readonly List<ItemError> _errors = [];
    private readonly long[] _byIntent = new long[IntentTaxonomy.IntentCount];
    private long _keywords;
    private long _listings;
    private long _requests;
    private long _inputTokens;
    private long _outputTokens;
    private long _skipped;
    private long _quarantined;
    private long _disagreements;
    private long _byLexicon;

    public long Processed => _keywords + _listings;

    /// <summary>Items without an answer, which stay due.</summary>
    public long FailedDue { get; private set; }

    public long Failed => _quarantined + FailedDue;

    public long Tokens => _inputTokens + _outputTokens;

    public long Remaining { get; set; }

    public IReadOnlyList<ItemError> Errors => _errors;

    public void Add(IntentWrite write)
    {
        foreach (var (item, classification, _) in write.Classified)
        {
            _keywords += item.Kind == DueItem.KeywordKind ? 1 : 0;
            _listings += item.Kind == DueItem.ListingKind ? 1 : 0;
            _byIntent[(int)classification.Intent]++;
        }

        _byLexicon += write.Classified.Count - write.ByModel;
        _requests += write.Requests;
        _inputTokens += write.InputTokens;
        _outputTokens += write.OutputTokens;
        _skipped += write.Skipped;
        _quarantined += write.Rejected.Count;
        _disagreements += write.Disagreements;
        FailedDue += write.Failed.Count;
        Remaining = RemainingAfter(write);
        foreach (var (item, reason) in write.Rejected)
            AddError(item, $"{reason} It is in quarantine and tried again later.");
        foreach (var (item, reason) in write.Failed)
            AddError(item, reason);
    }

    /// <returns>How far the run is once the write is committed.</returns>
    public JobProgress After(IntentWrite write) => new(
        "classifying", Processed + write.Classified.Count, Failed + write.Rejected.Count + write.Failed.Count, RemainingAfter(write));

    /// <returns>The job's own counts.</returns>
    public JsonObject Describe()
    {
        var byIntent = new JsonObject();
        for (var i = 0; i < _byIntent.Length; i++)
            byIntent[IntentTaxonomy.Intents[i]] = _byIntent[i];
        return new JsonObject
        {
            ["keywords"] = _keywords,
            ["listings"] = _listings,
            ["requests"] = _requests,
            ["tokens"] = Tokens,
            ["byIntent"] = byIntent,
            ["model"] = scope.Model,
            ["estimatedCostUsd"] = service?.CostOf(_inputTokens, _outputTokens) ?? 0,
            ["skipped"] = _skipped,
            ["quarantined"] = _quarantined,
            ["byLexicon"] = _byLexicon,
            ["disagreements"] = _disagreements,
        };
    }

    private long RemainingAfter(IntentWrite write) => Math.Max(0, Remaining - write.Done.Count() - write.Failed.Count);

    private void AddError(DueItem item, string error)
    {
        if (_errors.Count < JobOutcome.MaxErrors)
            _errors.Add(new ItemError(item.Name, error));
    }
}
