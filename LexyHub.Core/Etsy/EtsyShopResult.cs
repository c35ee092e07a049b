using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Etsy;

/// <summary>What a run did for one shop; counted while it does so.</summary>
internal sealed class EtsyShopResult(EtsyAccount account)
{
    /// <summary>Of a shop whose turn did not come.</summary>
    public const string NotBegun = "not-begun";

    public EtsyAccount Account { get; } = account;

    /// <summary><see cref="NotBegun"/>, <c>succeeded</c>, <c>partial</c>, <c>failed</c> or <c>needs-reconnect</c>.</summary>
    public string Status { get; set; } = NotBegun;

    /// <summary>Its sync is not at its end, through no fault of its own: the next run goes on.</summary>
    public bool IsUnfinished { get; set; } = true;

    /// <summary>Null where it did not come so far.</summary>
    public EtsySyncMode? Mode { get; set; }

    /// <summary>Answered pages.</summary>
    public long Requests { get; set; }

    /// <summary>Listings written or found unchanged.</summary>
    public long Read { get; set; }

    /// <summary>Listings new or changed.</summary>
    public long Upserted { get; set; }

    public long KeywordsAdded { get; set; }

    /// <summary>Listings gone from Etsy.</summary>
    public long Inactivated { get; set; }

    /// <summary>Prices that no whole number of cents holds.</summary>
    public int PricesLeftOut { get; set; }

    /// <summary>What failed of it or as a whole.</summary>
    public List<ItemError> Errors { get; } = [];

    /// <summary>Something that an operator should know though nothing failed.</summary>
    public string? Message { get; set; }

    public void Fail(string item, string error) => Errors.Add(new ItemError(item, error));

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["id"] = Account.Id,
            ["shop"] = Account.Label,
            ["status"] = Status,
            ["mode"] = Mode switch { EtsySyncMode.Full => "full", EtsySyncMode.Incremental => "incremental", _ => null },
            ["processed"] = Read,
            ["upserted"] = Upserted,
            ["inactivated"] = Inactivated,
            ["keywordsAdded"] = KeywordsAdded,
            ["requests"] = Requests,
        };
        if (PricesLeftOut > 0)
        {
            json["pricesLeftOut"] = PricesLeftOut;
        }

        if (Errors.Count > 0)
        {
            json["error"] = Errors[0].Error;
        }

        if (Message is { } message)
        {
            json["message"] = message;
        }

        return json;
    }
}
