using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Intents;

/// <summary>Section <c>Intents</c>. Which model it is says <c>Providers:ChatModel</c>.</summary>
public sealed class IntentOptions
{
    /// <summary>Items a request to the model; docs/intents.md says why forty.</summary>
    [Range(1, 100)]
    public int BatchSize { get; set; } = 40;

    /// <summary>With a model configured: what the lexicon is sure of does not go to the model.</summary>
    public bool LexiconFirst { get; set; }

    /// <summary>The lexicon is sure from this confidence on.</summary>
    [Range(0.5, 1d)]
    public double LexiconSureAt { get; set; } = 0.9;

    /// <summary>Items that the model classifies per UTC day, over all runs, after which they end with <c>stopReason</c> <c>cap</c>; null for no cap.</summary>
    [Range(typeof(long), "1", "9223372036854775807")]
    public long? MaxItemsPerDay { get; set; }

    /// <summary>Tokens, read and written, per UTC day over all runs; null for no cap.</summary>
    [Range(typeof(long), "1", "9223372036854775807")]
    public long? MaxTokensPerDay { get; set; }
}
