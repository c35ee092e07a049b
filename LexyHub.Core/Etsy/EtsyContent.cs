using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Etsy;

/// <summary>What of a listing of Etsy's goes into LexyHub's tables.</summary>
/// <param name="Keywords">Its tags as keywords of the account's market.</param>
/// <param name="PriceFits">False where its price is no whole number of cents, or too many.</param>
internal sealed record EtsyContent(long ListingId, ListingContent Listing, EtsyStat? Stat, IReadOnlyList<NewKeyword> Keywords, bool PriceFits)
{
    /// <summary><c>keywords.source</c> of tags.</summary>
    public const string KeywordSource = "etsy";

    /// <param name="listing">With an id.</param>
    /// <param name="listedAs">The state that was asked for; counts where the listing names none.</param>
    /// <param name="market">Of the account.</param>
    public static EtsyContent From(EtsyListing listing, string listedAs, string market)
    {
        var id = listing.ListingId!.Value.ToString(CultureInfo.InvariantCulture);
        var state = StorableText.OrNull(listing.State ?? "") ?? listedAs;
        var tags = Tags(listing.Tags);
        var (cents, fits) = Cents(listing.Price);
        return new EtsyContent(
            listing.ListingId.Value,
            new ListingContent(
                id,
                Decoded(listing.Title)?.Trim(),
                Decoded(listing.Description),
                StorableText.OrNull(listing.Url ?? ""),
                StorableText.OrNull(listing.Price?.CurrencyCode ?? "")?.ToUpperInvariant(),
                cents,
                Whole(listing.Quantity),
                state,
                state == EtsyStates.Draft ? null : Instant(listing.OriginalCreationTimestamp ?? listing.CreatedTimestamp ?? listing.CreationTimestamp),
                Extras(listing),
                tags),
            Whole(listing.NumFavorers) is { } favorites || listing.Views > 0
                ? new EtsyStat(id, Whole(listing.NumFavorers), listing.Views > 0 ? Whole(listing.Views) : null)
                : null,
            [.. tags.Select(tag => (tag, normal: TermText.Normalize(tag))).Where(tag => tag.tag.Length <= KeywordStore.MaxLength && tag.normal.Length > 0)
                .Select(tag => new NewKeyword(tag.tag, tag.normal, market, KeywordSource))],
            fits);
    }

    /// <summary>The amount in hundredths of the currency's unit, in whole numbers throughout.</summary>
    /// <returns>Null and true where there is no price; null and false where it is no whole number of cents, or none that fits.</returns>
    public static (int? Cents, bool Fits) Cents(EtsyMoney? price)
    {
        if (price is not { Amount: { } amount })
        {
            return (null, true);
        }

        if (price.Divisor is not > 0)
        {
            return (null, false);
        }

        var (cents, rest) = Int128.DivRem((Int128)amount * 100, price.Divisor.Value);
        return rest == 0 && cents >= 0 && cents <= int.MaxValue ? ((int)cents, true) : (null, false);
    }

    // Etsy sends texts as HTML has them. Once: a seller may have written &amp; meaning just that.
    private static string? Decoded(string? text) => text is null ? null : StorableText.Storable(WebUtility.HtmlDecode(text));

    private static List<string> Tags(IReadOnlyList<string?>? tags)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. (tags ?? []).OfType<string>().Select(tag => StorableText.ToSingleSpaces(WebUtility.HtmlDecode(tag)))
            .Where(tag => TermText.Normalize(tag) is { Length: > 0 } normal && seen.Add(normal))];
    }

    // Every key each time: what Etsy no longer says must not stay.
    private static string Extras(EtsyListing listing) => new JsonObject
    {
        ["listingType"] = Stored(listing.ListingType),
        ["language"] = Stored(listing.Language),
        ["taxonomyId"] = listing.TaxonomyId,
        ["shopSectionId"] = listing.ShopSectionId,
        ["materials"] = Texts(listing.Materials),
        ["skus"] = Texts(listing.Skus),
        ["price"] = listing.Price is { } price
            ? new JsonObject { ["amount"] = price.Amount, ["divisor"] = price.Divisor, ["currencyCode"] = Stored(price.CurrencyCode) }
            : null,
        ["updatedAt"] = Instant(listing.UpdatedAt),
        ["endsAt"] = Instant(listing.EndingTimestamp),
    }.ToJsonString(JobJson.Options);

    private static JsonArray Texts(IReadOnlyList<string?>? texts)
        => [.. (texts ?? []).OfType<string>().Select(text => (JsonNode?)JsonValue.Create(Decoded(text)))];

    private static string? Stored(string? text) => text is null ? null : StorableText.Storable(text);

    private static int? Whole(long? number) => number is >= 0 and <= int.MaxValue ? (int)number : null;

    private static DateTime? Instant(long? epochSeconds)
        => epochSeconds is > 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(epochSeconds.Value).UtcDateTime : null;
}
