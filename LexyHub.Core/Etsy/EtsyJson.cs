using System.Text.Json.Serialization;

namespace LexyHub.Core.Etsy;

// Etsy Open API v3 3.0.0, ShopListingsWithAssociations: no field is required.
internal sealed record EtsyListings(long? Count, IReadOnlyList<EtsyListing?>? Results);

/// <param name="NumFavorers">How many have it among their favourites now.</param>
/// <param name="Views">All views so far; 0 also stands for not known. Documented for this answer, but commonly absent.</param>
/// <param name="UpdatedTimestamp">Epoch seconds, as all of them.</param>
internal sealed record EtsyListing(
    long? ListingId,
    string? Title,
    string? Description,
    string? State,
    string? Url,
    long? Quantity,
    long? NumFavorers,
    long? Views,
    EtsyMoney? Price,
    IReadOnlyList<string?>? Tags,
    IReadOnlyList<string?>? Materials,
    IReadOnlyList<string?>? Skus,
    long? OriginalCreationTimestamp,
    long? CreatedTimestamp,
    long? CreationTimestamp,
    long? EndingTimestamp,
    long? UpdatedTimestamp,
    long? LastModifiedTimestamp,
    long? TaxonomyId,
    long? ShopSectionId,
    string? ListingType,
    string? Language)
{
    /// <summary>What Etsy sorts by: when it was last updated, epoch seconds; null where it is not said.</summary>
    [JsonIgnore]
    public long? UpdatedAt => UpdatedTimestamp ?? LastModifiedTimestamp;
}

/// <summary>An amount of <c>Amount / Divisor</c>.</summary>
internal sealed record EtsyMoney(long? Amount, long? Divisor, string? CurrencyCode);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(EtsyListings))]
internal sealed partial class EtsyJson : JsonSerializerContext;
