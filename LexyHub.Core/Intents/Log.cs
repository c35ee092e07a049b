using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Intents;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Classified {KeywordCount} keywords and {ListingCount} listings; written in {ElapsedMs} ms.")]
    public static partial void Classified(ILogger logger, int keywordCount, int listingCount, long elapsedMs);

    [LoggerMessage(LogLevel.Warning, "Of {Sent} items {Missing} have no valid entry ({Outcome}); they are asked for again in smaller requests.")]
    public static partial void AskingAgain(ILogger logger, int sent, int missing, string outcome);

    [LoggerMessage(LogLevel.Warning, "The chat service asks for a wait that the run's budget does not hold: {Reason}")]
    public static partial void RateLimited(ILogger logger, string reason);
}
