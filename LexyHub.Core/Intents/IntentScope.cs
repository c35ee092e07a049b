using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LexyHub.Core.Providers;

namespace LexyHub.Core.Intents;

/// <summary>By whom and by which rules a run classifies.</summary>
/// <param name="Model">As it is stored.</param>
/// <param name="PromptVersion">0 for the lexicon.</param>
internal sealed record IntentScope(string Model, int PromptVersion)
{
    /// <summary>What every lexicon's name begins with, whatever its version; a pattern for <c>like</c>.</summary>
    public const string LocalModels = "lexyhub-lexicon-%";

    public bool IsLocal => PromptVersion == 0;

    /// <summary>Stands before the text where the content hash is made, in C# as in SQL.</summary>
    public string HashPrefix { get; } = string.Create(CultureInfo.InvariantCulture, $"{Model}::p{PromptVersion}::t{IntentTaxonomy.Version}::");

    public static IntentScope Of(IChatService? service)
        => service is null ? new IntentScope(LexiconClassifier.Model, 0) : new IntentScope(service.Model, IntentPrompt.Version);

    /// <returns>Lower-case hex SHA-256 of model, prompt version, taxonomy version and text.</returns>
    public string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(HashPrefix + text)));
}

/// <summary>An item that waits to be classified.</summary>
/// <param name="Kind"><c>keyword</c> or <c>listing</c>.</param>
/// <param name="Version">Of the due row that was looked at.</param>
/// <param name="Hash">Of its content, in the run's scope.</param>
internal sealed record DueItem(string Kind, Guid Id, long Version, string Text, string Hash)
{
    /// <summary>A model has classified it before, whatever its text was then: the lexicon leaves it alone.</summary>
    public bool IsModels { get; init; }

    /// <summary>For errors.</summary>
    public string Name => Kind == KeywordKind ? $"keyword {Text}" : $"listing {Id}";

    public const string KeywordKind = "keyword";

    public const string ListingKind = "listing";
}

/// <summary>A place in the queue.</summary>
internal readonly record struct DueKey(string Kind, Guid Id, long Version);
