namespace LexyHub.Core.Etsy;

/// <summary>One shop cannot be read; the others go on. The message says what to do and holds no secret.</summary>
internal sealed class EtsyShopException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Only its seller can mend it, by connecting the shop again.</summary>
    public bool NeedsReconnect { get; init; }
}
