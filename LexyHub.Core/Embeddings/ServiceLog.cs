using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Embeddings;

internal static partial class ServiceLog
{
    [LoggerMessage(LogLevel.Warning, "{Service} refused a batch of {Count} texts ({Reason}); its halves are sent apart.")]
    public static partial void Dividing(ILogger logger, string service, int count, string reason);

    [LoggerMessage(LogLevel.Warning, "A batch of {Count} texts came to nothing: {Reason}")]
    public static partial void BatchFailed(ILogger logger, int count, string reason);

    [LoggerMessage(LogLevel.Warning, "{Service} gave an unusable answer for {Count} texts (attempt {Attempt}): {Reason}")]
    public static partial void UnusableAnswer(ILogger logger, string service, int count, int attempt, string reason);
}
