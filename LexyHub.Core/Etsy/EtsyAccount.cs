namespace LexyHub.Core.Etsy;

/// <summary>A connected shop.</summary>
/// <param name="ShopId">As stored; Etsy's are positive numbers.</param>
/// <param name="ShopName">Empty where it has none.</param>
/// <param name="Market">In normal form.</param>
public sealed record EtsyAccount(Guid Id, string ShopId, string ShopName, string Status, string Market)
{
    /// <summary><c>marketplace_accounts.provider_id</c>.</summary>
    public const string Provider = "etsy";

    public const string Active = "active";

    /// <summary>Its seller has to connect it again.</summary>
    public const string NeedsReconnect = "needs-reconnect";

    /// <summary>For people.</summary>
    public string Label => ShopName.Length > 0 ? ShopName : $"shop {ShopId}";
}
