using System.Text.RegularExpressions;

namespace LexyHub.Core.Intents;

/// <summary>
/// LexyHub's older five labels, kept beside the new ones as <c>legacyIntent</c>. The mapping loses: navigational has no label of its own
/// (it becomes discovery, or purchase where something is wanted at the place), retention none at all, and a comparison is the same
/// research as a question about a product.
/// </summary>
public static partial class LegacyIntents
{
    /// <param name="wholesale">The words ask for quantities to sell on; nothing in the taxonomy says so.</param>
    public static string Of(PurchaseIntent intent, PurchaseStage stage, bool wholesale) => (intent, stage) switch
    {
        _ when wholesale => "wholesale",
        (PurchaseIntent.Informational, PurchaseStage.Consideration) => "research",
        (PurchaseIntent.Informational, _) => "education",
        (PurchaseIntent.Navigational, PurchaseStage.Purchase) => "purchase",
        (PurchaseIntent.Navigational, _) => "discovery",
        (PurchaseIntent.Commercial, PurchaseStage.Awareness) => "discovery",
        (PurchaseIntent.Commercial, _) => "research",
        _ => "purchase",
    };

    public static bool IsWholesale(string text) => WholesaleWords().IsMatch(text);

    // Whole words: bulky yarn is thick yarn.
    [GeneratedRegex(@"\b(?:wholesale(?:rs?)?|bulk|resellers?|resale|trade (?:prices?|only))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WholesaleWords();
}
