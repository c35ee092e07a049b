namespace LexyHub.Core.Trends.Sources;

/// <summary>A source cannot be read. The message says what failed and what to do about it, and holds no secret.</summary>
/// <param name="code">For machines, for example <c>rate-limited</c> or <c>unauthorized</c>.</param>
public sealed class TrendSourceException(string code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public string Code { get; } = code;
}
