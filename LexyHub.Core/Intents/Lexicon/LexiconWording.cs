namespace LexyHub.Core.Intents;

/// <summary>A reading of the lexicon in words, from fixed sentences: it describes the words of a text, and invents nothing.</summary>
internal static class LexiconWording
{
    public static Classification Describe(string text, in LexiconResult result, Lexicon lexicon)
    {
        var reading = result.Reading;
        var recipient = ValueOf(reading.Recipient, lexicon);
        var facets = new IntentFacets(
            ValueOf(reading.Occasion, lexicon), recipient, ValueOf(reading.Style, lexicon), ValueOf(reading.Material, lexicon),
            result.IsGift ? true : null);
        return new Classification(
            result.Intent, result.Secondary, result.Stage, PersonaOf(result, recipient), SummaryOf(result), Math.Round(result.Confidence, 4),
            Calibrated: true, VerbalConfidence: null, facets,
            LegacyIntents.Of(result.Intent, result.Stage, LegacyIntents.IsWholesale(text)), LexiconClassifier.Model);
    }

    private static string? ValueOf(short facet, Lexicon lexicon) => facet < 0 ? null : lexicon.Facets[facet].Value;

    private static string PersonaOf(in LexiconResult result, string? recipient) => (result.Intent, result.Stage) switch
    {
        _ when result.IsGift => recipient is null ? "gift giver" : $"gift giver, for {recipient}",
        (_, PurchaseStage.Retention) => "owner",
        (PurchaseIntent.Informational, _) => "learner",
        (PurchaseIntent.Navigational, _) => "visitor of a known shop or brand",
        (PurchaseIntent.Commercial, _) => "comparing shopper",
        _ => "ready buyer",
    };

    private static string SummaryOf(in LexiconResult result) => (result.Intent, result.Stage) switch
    {
        (PurchaseIntent.Informational, PurchaseStage.Retention) => "Wants to know how to look after something they have.",
        (PurchaseIntent.Informational, PurchaseStage.Consideration) => "Wants to learn about something before choosing it.",
        (PurchaseIntent.Informational, _) => "Wants to learn about a subject.",
        (PurchaseIntent.Navigational, PurchaseStage.Retention) => "Wants help with an order or account at a certain place.",
        (PurchaseIntent.Navigational, PurchaseStage.Purchase) => "Wants something at a certain shop or provider.",
        (PurchaseIntent.Navigational, _) => "Looks for a certain shop, brand or place.",
        (PurchaseIntent.Commercial, PurchaseStage.Retention) => "Chooses care, parts or refills for something they have.",
        (PurchaseIntent.Commercial, _) when result.IsGift => "Looks for a gift to choose.",
        (PurchaseIntent.Commercial, _) => "Compares things of a kind before choosing one.",
        (_, PurchaseStage.Retention) => "Wants a certain part, refill or service for something they have.",
        _ when result.IsGift => "Wants to buy a certain gift.",
        _ => "Wants to buy or book something in particular.",
    };
}
