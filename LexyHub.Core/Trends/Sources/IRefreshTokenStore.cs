using System.Collections.Concurrent;

namespace LexyHub.Core.Trends.Sources;

/// <summary>
/// Keeps refresh tokens that a service replaced. Without one that lasts, a process that starts again begins with the configured
/// token, which ends on its day.
/// </summary>
public interface IRefreshTokenStore
{
    /// <param name="configured">The token of the configuration; a replacement belongs to the one it came from.</param>
    /// <returns>The newest replacement, or null.</returns>
    Task<string?> ReadAsync(string source, string configured, CancellationToken cancellationToken);

    /// <summary>Called before the new access token is used.</summary>
    Task SaveAsync(string source, string configured, string replacement, CancellationToken cancellationToken);
}

/// <summary>As long as the process lives.</summary>
public sealed class InMemoryRefreshTokenStore : IRefreshTokenStore
{
    private readonly ConcurrentDictionary<(string Source, string Configured), string> _tokens = new();

    public Task<string?> ReadAsync(string source, string configured, CancellationToken cancellationToken)
        => Task.FromResult(_tokens.GetValueOrDefault((source, configured)));

    public Task SaveAsync(string source, string configured, string replacement, CancellationToken cancellationToken)
    {
        _tokens[(source, configured)] = replacement;
        return Task.CompletedTask;
    }
}
