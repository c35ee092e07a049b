using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LexyHub.Core.Etsy;

/// <summary>How much of a shop is read.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EtsySyncMode>))]
internal enum EtsySyncMode
{
    /// <summary>What was updated since the last successful sync.</summary>
    [JsonStringEnumMemberName("incremental")]
    Incremental,

    /// <summary>Everything; what is no longer there becomes inactive.</summary>
    [JsonStringEnumMemberName("full")]
    Full,
}

/// <summary>Where a sync stands; kept in <c>provider_sync_states.cursor</c> after each page.</summary>
/// <param name="StartedAt">Of the sync, whichever run began it.</param>
/// <param name="Since">What was updated before this is left unread; null reads everything.</param>
/// <param name="State">The state being read.</param>
/// <param name="Offset">Of the next page.</param>
/// <param name="IsClosing">Everything was read once; now what was updated meanwhile is read, before listings are called gone.</param>
/// <param name="Capped">States with more listings than Etsy lists.</param>
/// <param name="IsProven">Nothing can have been overlooked so far.</param>
/// <param name="IsSorted">Etsy was seen to sort by update, or not to; null where nothing tells yet.</param>
internal sealed record EtsyCursor(
    EtsySyncMode Mode, DateTimeOffset StartedAt, DateTimeOffset? Since, string State, int Offset, bool IsClosing, IReadOnlyList<string> Capped, bool IsProven, bool? IsSorted)
{
    /// <returns>Null where there is none, or another program wrote it.</returns>
    public static EtsyCursor? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(text, EtsyCursorJson.Default.EtsyCursor) is { State: not null, Capped: not null, Offset: >= 0 } cursor ? cursor : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string ToText() => JsonSerializer.Serialize(this, EtsyCursorJson.Default.EtsyCursor);

    /// <summary>For people.</summary>
    public override string ToString()
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{(Mode == EtsySyncMode.Full ? "full" : "incremental")}, {State}{(IsClosing ? " once more" : "")} from {Offset:N0}, begun {StartedAt.UtcDateTime:yyyy-MM-dd HH:mm}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EtsyCursor))]
internal sealed partial class EtsyCursorJson : JsonSerializerContext;
