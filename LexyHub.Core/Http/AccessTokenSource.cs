namespace LexyHub.Core.Http;

/// <summary>A bearer token that was handed out.</summary>
/// <param name="ExpiresAt">Null where nobody said.</param>
public sealed record AccessToken(string Value, DateTimeOffset? ExpiresAt);

/// <summary>
/// Holds one access token: the configured one until it is refused, else what <paramref name="refresh"/> brings,
/// until a minute before it ends. Safe to share between calls; concurrent callers cause one refresh.
/// </summary>
/// <param name="configured">Null where there is none.</param>
/// <param name="refresh">Null where the configured token is all there is.</param>
public sealed class AccessTokenSource(
    string? configured, Func<CancellationToken, Task<AccessToken>>? refresh, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private Task<AccessToken>? _current = string.IsNullOrWhiteSpace(configured)
        ? null
        : Task.FromResult(new AccessToken(configured, null));

    public bool CanRefresh => refresh is not null;

    /// <remarks>The refresh runs under the token of the caller that began it; callers share one run, so one token.</remarks>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        Task<AccessToken> token;
        lock (_lock)
        {
            if (_current is null || _current.IsFaulted || _current.IsCanceled || IsEnding(_current))
            {
                _current = refresh is null
                    ? throw new InvalidOperationException("There is neither an access token nor a way to get one.")
                    : refresh(cancellationToken);
            }

            token = _current;
        }

        return (await token.WaitAsync(cancellationToken)).Value;
    }

    /// <summary>Forgets a token that was refused. Nothing happens where another one has taken its place already.</summary>
    public async Task DropAsync(string refused, CancellationToken cancellationToken)
    {
        var current = _current;
        if (refresh is null || current is null || (await current.WaitAsync(cancellationToken)).Value != refused)
            return;

        lock (_lock)
        {
            if (_current == current)
                _current = null;
        }
    }

    private bool IsEnding(Task<AccessToken> token)
        => refresh is not null && token.IsCompletedSuccessfully
            && token.GetAwaiter().GetResult().ExpiresAt - s_margin <= timeProvider.GetUtcNow();
}
