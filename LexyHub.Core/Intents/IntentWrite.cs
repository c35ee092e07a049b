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

    public IEnumerable<DueKey> Done
        => Settled.Concat(Classified.Select(one => KeyOf(one.Item))).Concat(Rejected.Select(one => KeyOf(one.Item)));

    private static DueKey KeyOf(DueItem item) => new(item.Kind, item.Id, item.Version);
}
