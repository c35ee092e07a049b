namespace LexyHub.Core.Intents;

/// <summary>What sellers target by; each may be absent.</summary>
/// <param name="Gift">True where it is sought to be given, false where certainly not.</param>
public sealed record IntentFacets(string? Occasion, string? Recipient, string? Style, string? Material, bool? Gift)
{
    public static IntentFacets None { get; } = new(null, null, null, null, null);
}

/// <summary>What a shopper means by a text.</summary>
/// <param name="SecondaryIntent">Where a second reading is likely.</param>
/// <param name="Persona">Who asks, in a few words.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Confidence">That <paramref name="Intent"/> is right, 0–1: a probability where <paramref name="Calibrated"/>.</param>
/// <param name="VerbalConfidence">A model's own number, where nothing has been fitted to it; else null.</param>
/// <param name="Model">Who classified; the lexicon under its own name.</param>
public sealed record Classification(
    PurchaseIntent Intent,
    PurchaseIntent? SecondaryIntent,
    PurchaseStage Stage,
    string? Persona,
    string Summary,
    double Confidence,
    bool Calibrated,
    double? VerbalConfidence,
    IntentFacets Facets,
    string LegacyIntent,
    string Model);
