namespace LexyHub.Core.Intents;

/// <summary>What one transaction writes.</summary>
internal sealed class IntentWrite
{
    public List<(DueItem Item, Classification Classification, int Tokens)> Classified { get; } = [];

    public List<(DueItem Item, string Reason)> Rejected { get; } = [];

    public List<(DueItem Item, string Reason)> Failed { get; } = [];

    /// <summary>Due no more, unless their version has moved on.</summary>
    public List<DueKey> Settled { get; } = [];

    public int Skipped { get; set; }

    public int Requests { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <summary>Items on which the lexicon and the model differ.</summary>
    public int Disagreements { get; set; }

    /// <summary>Items that went to the model and are done.</summary>
    public int ByModel { get; set; }

    public bool IsEmpty => Classified.Count + Rejected.Count + Failed.Count + Settled.Count + Requests == 0;

    /// <returns>One write that says what all of them say.</returns>
    public static IntentWrite Together(IReadOnlyList<IntentWrite> writes)
    {
        if (writes is [var only])
            return only;

        var together = new IntentWrite();
        foreach (var write in writes)
        {
            together.Classified.AddRange(write.Classified);
            together.Rejected.AddRange(write.Rejected);
            together.Failed.AddRange(write.Failed);
            together.Settled.AddRange(write.Settled);
            together.Skipped += write.Skipped;
            together.Requests += write.Requests;
            together.InputTokens += write.InputTokens;
            together.OutputTokens += write.OutputTokens;
            together.Disagreements += write.Disagreements;
            together.ByModel += write.ByModel;
        }

        return together;
    }

    public IEnumerable<DueKey> Done
        => Settled.Concat(Classified.Select(one => KeyOf(one.Item))).Concat(Rejected.Select(one => KeyOf(one.Item)));

    private static DueKey KeyOf(DueItem item) => new(item.Kind, item.Id, item.Version);
}
