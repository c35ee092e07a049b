using LexyHub.Core.Http;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;

namespace LexyHub.Core.Intents;

/// <summary>The lexicon where it is allowed and sure, the model for the rest, within the day's caps.</summary>
internal sealed class IntentLayers(IntentOptions options, IntentModelClassifier model, DayAllowance allowance)
{
    /// <summary>Items that came to nothing alone, with no item classified at all, after which it is the model that is at odds with us.</summary>
    private const int MaxRejectedWithoutSuccess = 16;

    private readonly Lock _lock = new();
    private int _classified;
    private int _rejected;

    /// <summary>A cap of the day kept items from being asked for.</summary>
    public bool IsCapped { get; private set; }

    /// <summary>The first thing that ended a batch and is not a mere cancellation.</summary>
    public Exception? Fatal { get; private set; }

    /// <returns>What to write, and what ended the batch before its end.</returns>
    public async Task<(IntentWrite Write, Exception? Ended)> ClassifyAsync(DuePage page, CancellationToken budget)
    {
        var write = new IntentWrite { Skipped = page.Blank };
        write.Settled.AddRange(page.Settled);
        var lexicon = LexiconClassifier.English;
        var asked = new List<(DueItem Item, LexiconResult Lexicon)>();
        foreach (var item in page.Items)
        {
            var result = lexicon.Classify(item.Text);
            if (options.LexiconFirst && !item.IsModels && result.Confidence >= options.LexiconSureAt)
                write.Classified.Add((item, LexiconWording.Describe(item.Text, result, lexicon.Lexicon), 0));
            else
                asked.Add((item, result));
        }

        var taken = allowance.TakeItems(asked.Count);
        if (taken < asked.Count)
            IsCapped = true;
        return taken == 0 ? (write, null) : (write, await AskAsync(asked[..taken], write, budget));
    }

    private async Task<Exception?> AskAsync(List<(DueItem Item, LexiconResult Lexicon)> asked, IntentWrite write, CancellationToken budget)
    {
        long reserved = 0;
        var result = await model.ClassifyAsync(
            [.. asked.Select(one => (one.Item.Kind, one.Item.Text))],
            most =>
            {
                if (!allowance.TryTakeTokens(most))
                    return false;

                reserved += most;
                return true;
            },
            budget);
        foreach (var (place, (classification, tokens)) in result.Classified)
        {
            write.Classified.Add((asked[place].Item, classification, tokens));
            write.Disagreements += classification.Intent == asked[place].Lexicon.Intent ? 0 : 1;
        }

        write.Rejected.AddRange(result.Rejected.Select(one => (asked[one.Key].Item, one.Value)));
        write.Failed.AddRange(result.Failed.Select(one => (asked[one.Key].Item, one.Value)));
        (write.Requests, write.InputTokens, write.OutputTokens) = (result.Requests, result.InputTokens, result.OutputTokens);
        write.ByModel = result.Classified.Count + result.Rejected.Count;
        allowance.GiveBack(asked.Count - write.ByModel, reserved - result.InputTokens - result.OutputTokens);
        if (result.IsCapped)
            IsCapped = true;
        return Judge(result, write);
    }

    private Exception? Judge(IntentBatchResult result, IntentWrite write)
    {
        lock (_lock)
        {
            _classified += result.Classified.Count;
            _rejected += result.Rejected.Count;
            var ended = result.Ended;
            if (_classified == 0 && _rejected >= MaxRejectedWithoutSuccess)
            {
                // Not one text has got through: it is not the texts. None of them is to be blamed.
                var reason = write.Rejected.Count > 0 ? write.Rejected[^1].Reason : "";
                write.Rejected.Clear();
                ended = new JobException(
                    "provider-refused", 502, $"The model gives no valid classification at all. The last: {reason} Check Providers:ChatModel.");
            }

            if (ended is JobException or RemoteServiceException)
                Fatal ??= ended;
            return ended;
        }
    }
}
