namespace LexyHub.Core.Intents;

/// <summary>What the words ask for; <c>Labels/README.md</c> is the guideline by which they are told apart.</summary>
public enum PurchaseIntent
{
    /// <summary>To know, to learn, to do.</summary>
    Informational,

    /// <summary>To get to a certain shop, site, institution or maker.</summary>
    Navigational,

    /// <summary>To choose: kinds of things, reviews, comparisons, gift ideas.</summary>
    Commercial,

    /// <summary>To get one thing in particular, or to do an act of buying.</summary>
    Transactional,
}

/// <summary>Where the shopper stands.</summary>
public enum PurchaseStage
{
    Awareness,
    Consideration,
    Purchase,

    /// <summary>With something that they have: care, repair, refills, an order.</summary>
    Retention,
}

/// <summary>The words of the taxonomy in rows, prompts and answers.</summary>
public static class IntentTaxonomy
{
    /// <summary>Raised when a label is added, dropped or comes to mean something else: then everything is classified anew.</summary>
    public const int Version = 1;

    public const int IntentCount = 4;

    /// <summary>In the order of <see cref="PurchaseIntent"/>.</summary>
    public static IReadOnlyList<string> Intents { get; } = ["informational", "navigational", "commercial", "transactional"];

    /// <summary>In the order of <see cref="PurchaseStage"/>.</summary>
    public static IReadOnlyList<string> Stages { get; } = ["awareness", "consideration", "purchase", "retention"];

    public static string ToWire(this PurchaseIntent intent) => Intents[(int)intent];

    public static string ToWire(this PurchaseStage stage) => Stages[(int)stage];

    /// <returns>Null where the word is none of the taxonomy's.</returns>
    public static PurchaseIntent? ParseIntent(string? word) => IndexOf(Intents, word) is >= 0 and var index ? (PurchaseIntent)index : null;

    /// <returns>Null where the word is none of the taxonomy's.</returns>
    public static PurchaseStage? ParseStage(string? word) => IndexOf(Stages, word) is >= 0 and var index ? (PurchaseStage)index : null;

    private static int IndexOf(IReadOnlyList<string> words, string? word)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (string.Equals(words[i], word, StringComparison.Ordinal))
                return i;
        }

        return -1;
    }
}
