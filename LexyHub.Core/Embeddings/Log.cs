using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Embeddings;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Embedded {TermCount} terms and {ListingCount} listings with {ModelId}; written in {ElapsedMs} ms.")]
    public static partial void Embedded(ILogger logger, int termCount, int listingCount, string modelId, long elapsedMs);

    [LoggerMessage(LogLevel.Warning, "The embedding service asks for a wait that the run's budget does not hold: {Reason}")]
    public static partial void RateLimited(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "The role that migrated may not put triggers on listings and listing_tags: every run compares all listings with their vectors. Run `grant trigger on listings, listing_tags to <that role>` as their owner, then `lexyhub migrate` again.")]
    public static partial void ListingTriggersDenied(ILogger logger);
}
