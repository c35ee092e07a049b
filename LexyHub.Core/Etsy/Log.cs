using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Etsy;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Renewed the tokens of {Shop} for {Minutes:0} minutes (stored: {IsStored}).")]
    public static partial void TokensRenewed(ILogger logger, string shop, double minutes, bool isStored);

    [LoggerMessage(LogLevel.Warning, "The renewal of a token is tried once more: {Reason}")]
    public static partial void TokenRenewalRepeated(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "The new tokens of {Shop} could not be stored at attempt {Attempt}; trying again.")]
    public static partial void TokensNotStored(ILogger logger, string shop, int attempt);

    [LoggerMessage(LogLevel.Information, "Synced {Shop} ({Mode}): {Read} listings read, {Upserted} new or changed, {Inactivated} gone, {Requests} pages.")]
    public static partial void ShopSynced(ILogger logger, string shop, string mode, long read, long upserted, long inactivated, long requests);

    [LoggerMessage(LogLevel.Warning, "{Shop} was not synced: {Reason}")]
    public static partial void ShopFailed(ILogger logger, string shop, string reason);

    [LoggerMessage(LogLevel.Warning, "{Shop}: {Count} prices are no whole number of cents that fits; they are kept in extras.etsy.price only.")]
    public static partial void PricesLeftOut(ILogger logger, string shop, int count);

    [LoggerMessage(LogLevel.Information, "{Shop}: {State} listings moved while they were read; going back to offset {Offset}.")]
    public static partial void SteppedBack(ILogger logger, string shop, string state, int offset);

    [LoggerMessage(LogLevel.Information, "{Shop}: Etsy does not sort its listings by update; incremental syncs read them all.")]
    public static partial void NotSorted(ILogger logger, string shop);
}
