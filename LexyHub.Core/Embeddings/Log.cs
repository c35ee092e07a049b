using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Embeddings;

internal static partial class Log
{
    [LoggerMessage(LogLevel.Information, "Embedded {TermCount} terms and {ListingCount} listings with {ModelId}; written in {ElapsedMs} ms.")]
    public static partial void Embedded(ILogger logger, int termCount, int listingCount, string modelId, long elapsedMs);

    [LoggerMessage(LogLevel.Warning, "The embedding service asks for a wait that the run's budget does not hold: {Reason}")]
    public static partial void RateLimited(ILogger logger, string reason);
}
