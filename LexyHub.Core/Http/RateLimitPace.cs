using System.Globalization;

namespace LexyHub.Core.Http;

/// <summary>
/// Waits for a new period where the last answer said that none of this one's requests is left
/// (<c>x-ratelimit-remaining</c>, a float at Reddit, and <c>x-ratelimit-reset</c>), instead of running into a 429.
/// </summary>
public sealed class RateLimitPace(string service, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    public void Observe(HttpResponseMessage response)
    {
        var now = timeProvider.GetUtcNow();
        if (!RetryAfter.TryNumber(RetryAfter.Header(response, "x-ratelimit-remaining"), out var remaining))
            return;

        lock (_lock)
        {
            _notBefore = remaining < 1 && RetryAfter.ParseReset(RetryAfter.Header(response, "x-ratelimit-reset"), now) is { } wait
                ? now + wait
                : DateTimeOffset.MinValue;
        }
    }

    /// <exception cref="RemoteServiceException"><c>rate-limited</c>: the wait would outlast <see cref="HttpDeadline"/>.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
            wait = _notBefore - timeProvider.GetUtcNow();

        if (wait <= TimeSpan.Zero)
            return;

        if (!HttpDeadline.Allows(wait, timeProvider))
        {
            throw new RemoteServiceException(
                "rate-limited",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{service} takes no more requests for {wait.TotalSeconds:0.#} s, which is longer than this run lasts."))
            {
                RetryAfter = wait,
            };
        }

        await Task.Delay(wait, timeProvider, cancellationToken);
    }
}
