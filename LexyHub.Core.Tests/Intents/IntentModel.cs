using System.Text.Json;
using System.Text.Json.Nodes;
using LexyHub.Core.Tests.Providers;

namespace LexyHub.Core.Tests.Intents;

/// <summary>An item as the model was shown it.</summary>
internal sealed record ShownItem(string Id, string Kind, string Text);

/// <summary>What a well-behaved model writes for intent-classify, and ways to spoil it.</summary>
internal static class IntentModel
{
    public static IReadOnlyList<ShownItem> ItemsOf(ChatRequest request)
    {
        using var data = JsonDocument.Parse(request.User);
        return
        [
            .. data.RootElement.EnumerateArray().Select(item => new ShownItem(
                item.GetProperty("id").GetString()!, item.GetProperty("kind").GetString()!, item.GetProperty("text").GetString()!)),
        ];
    }

    /// <summary>Says transactional of what holds "buy", commercial of everything else.</summary>
    public static string Answer(ChatRequest request) => Answer(ItemsOf(request).Select(Entry));

    public static string Answer(IEnumerable<JsonObject> entries) => new JsonObject { ["items"] = new JsonArray([.. entries]) }.ToJsonString();

    public static JsonObject Entry(ShownItem item) => new()
    {
        ["id"] = item.Id,
        ["intent"] = item.Text.Contains("buy", StringComparison.Ordinal) ? "transactional" : "commercial",
        ["secondaryIntent"] = null,
        ["purchaseStage"] = item.Text.Contains("buy", StringComparison.Ordinal) ? "purchase" : "consideration",
        ["persona"] = "shopper",
        ["summary"] = "Wants it.",
        ["confidence"] = 0.75,
        ["occasion"] = null,
        ["recipient"] = item.Text.Contains("dad", StringComparison.Ordinal) ? "Father" : null,
        ["style"] = null,
        ["material"] = null,
        ["gift"] = null,
    };

    public static JsonObject With(this JsonObject entry, string name, JsonNode? value)
    {
        entry[name] = value;
        return entry;
    }
}
