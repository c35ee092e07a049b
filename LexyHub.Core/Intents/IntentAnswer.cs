using System.Text;
using System.Text.Json;

namespace LexyHub.Core.Intents;

/// <summary>One entry of a model's answer that holds against the taxonomy.</summary>
internal sealed record IntentEntry(
    PurchaseIntent Intent, PurchaseIntent? Secondary, PurchaseStage Stage, string? Persona, string Summary, double Confidence, IntentFacets Facets);

/// <summary>Reads what a model wrote and believes nothing of it: each entry is held against the taxonomy and the ids that were sent.</summary>
internal static class IntentAnswer
{
    public const int MaxPersonaCharacters = 80;
    public const int MaxSummaryCharacters = 240;
    public const int MaxFacetCharacters = 40;

    /// <param name="text">May be cut off: its complete entries are read.</param>
    /// <param name="ids">That were sent.</param>
    /// <returns>The valid entries by id, and for every other id what is wrong with its entry, or that it has none.</returns>
    public static (Dictionary<string, IntentEntry> Valid, Dictionary<string, string> Faults) Read(string text, IReadOnlyCollection<string> ids)
    {
        var valid = new Dictionary<string, IntentEntry>(StringComparer.Ordinal);
        var faults = ids.ToDictionary(id => id, _ => "the answer has no entry for it", StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in Items(Encoding.UTF8.GetBytes(text)))
        {
            using (item)
            {
                // An id that was not sent says nothing about any item.
                if (TextOf(item.RootElement, "id") is not { } id || !faults.ContainsKey(id) && !valid.ContainsKey(id))
                    continue;

                if (!seen.Add(id))
                {
                    valid.Remove(id);
                    faults[id] = "the answer has two entries for it";
                }
                else if (ReadEntry(item.RootElement, out var fault) is { } entry)
                {
                    valid[id] = entry;
                    faults.Remove(id);
                }
                else
                {
                    faults[id] = fault!;
                }
            }
        }

        return (valid, faults);
    }

    // Up to the first place that is no JSON.
    private static List<JsonDocument> Items(byte[] utf8)
    {
        var items = new List<JsonDocument>();
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("items"u8))
                    continue;

                if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                    break;

                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    var document = JsonDocument.ParseValue(ref reader);
                    if (document.RootElement.ValueKind == JsonValueKind.Object)
                        items.Add(document);
                    else
                        document.Dispose();
                }

                break;
            }
        }
        catch (JsonException)
        {
            // What came before it counts.
        }

        return items;
    }

    private static IntentEntry? ReadEntry(JsonElement item, out string? fault)
    {
        fault = null;
        if (IntentTaxonomy.ParseIntent(TextOf(item, "intent")) is not { } intent)
            return Fault("its intent is not in the taxonomy", out fault);
        if (IntentTaxonomy.ParseStage(TextOf(item, "purchaseStage")) is not { } stage)
            return Fault("its purchaseStage is not in the taxonomy", out fault);

        var second = TextOf(item, "secondaryIntent");
        var secondary = IntentTaxonomy.ParseIntent(second);
        if (second is not null && secondary is null)
            return Fault("its secondaryIntent is not in the taxonomy", out fault);
        if (!item.TryGetProperty("confidence", out var number) || number.ValueKind != JsonValueKind.Number || number.GetDouble() is not (>= 0 and <= 1))
            return Fault("its confidence is no number from 0 to 1", out fault);
        if (Line(item, "summary", MaxSummaryCharacters) is not { } summary)
            return Fault($"its summary is no sentence of at most {MaxSummaryCharacters} characters", out fault);

        return new IntentEntry(
            intent,
            secondary == intent ? null : secondary,
            stage,
            Line(item, "persona", MaxPersonaCharacters),
            summary,
            number.GetDouble(),
            new IntentFacets(Facet(item, "occasion"), Facet(item, "recipient"), Facet(item, "style"), Facet(item, "material"), GiftOf(item)));
    }

    private static IntentEntry? Fault(string what, out string? fault)
    {
        fault = what;
        return null;
    }

    private static bool? GiftOf(JsonElement item)
        => item.TryGetProperty("gift", out var gift) ? gift.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null } : null;

    private static string? Facet(JsonElement item, string name) => Line(item, name, MaxFacetCharacters)?.ToLowerInvariant();

    /// <returns>Null where it is absent, empty, too long, or more than a line.</returns>
    private static string? Line(JsonElement item, string name, int most)
        => TextOf(item, name)?.Trim() is { Length: > 0 } line && line.Length <= most && !line.Any(char.IsControl) ? line : null;

    private static string? TextOf(JsonElement item, string name)
    {
        try
        {
            return item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a pair of surrogates: no text.
            return null;
        }
    }
}
