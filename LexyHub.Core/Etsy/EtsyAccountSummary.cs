namespace LexyHub.Core.Etsy;

/// <summary>A connected shop as an operator wants to see it; no token.</summary>
/// <param name="StatusReason">Why it is in that status; null where nobody said.</param>
/// <param name="TokenExpiresAt">Of the access token, UTC, which is renewed as needed; null where nobody said.</param>
/// <param name="CanRenew">It has a refresh token.</param>
/// <param name="IsEncrypted">Its tokens are stored encrypted.</param>
/// <param name="LastSyncedAt">End of the last successful sync, UTC; null where there was none.</param>
/// <param name="SyncStatus">Of the last sync: <c>running</c>, <c>succeeded</c>, <c>partial</c>, <c>failed</c>.</param>
/// <param name="SyncMessage">What was wrong with it; null where nothing was.</param>
/// <param name="Cursor">Where the next run goes on; null where it begins anew.</param>
/// <param name="Listings">In the table, whatever their status.</param>
public sealed record EtsyAccountSummary(
    Guid Id,
    string ShopName,
    string ShopId,
    string Status,
    string? StatusReason,
    DateTimeOffset? TokenExpiresAt,
    bool CanRenew,
    bool IsEncrypted,
    DateTimeOffset? LastSyncedAt,
    string? SyncStatus,
    string? SyncMessage,
    string? Cursor,
    long Listings);
