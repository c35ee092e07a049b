using System.Globalization;
using System.Net;
using LexyHub.Core.Http;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Providers;

/// <summary>
/// Lets requests to one service begin: as many at once as it bears, and none that the limits in its headers have no room for.
/// The number at once begins at one, grows by one with each answer until the service first complains, from then on by one per
/// round of answers, and is halved by each complaint (429, 408, 5xx, no answer), once for all requests that met the same one.
/// A batch holds its place among them until it is written (<see cref="TakePlaceAsync"/>), so that a process that dies has paid
/// for no more batches in vain than it was allowed requests at once.
/// </summary>
/// <param name="service">As it is called in errors.</param>
/// <param name="ceiling">Most requests at once.</param>
internal sealed class RequestPace(string service, int ceiling, TimeProvider timeProvider, ILogger logger) : IHttpAttemptGate, IDisposable
{
    /// <summary>Of the service's limit: the end of a window stays unused by less than one request.</summary>
    private const double ShareOfLimit = 0.1;

    private readonly Lock _lock = new();
    private readonly RateBudget _requests = new();
    private readonly RateBudget _tokens = new();
    private readonly Dictionary<long, double> _underWay = [];

    // First come, first served: else a large request would starve behind small ones.
    private readonly SemaphoreSlim _turn = new(1);

    private TaskCompletionSource _changed = NewSignal();
    private double _window = 1;
    private int _places;
    private bool _complained;
    private long _lastSequence;
    private long _lastSequenceAtDecrease = -1;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    /// <summary>Requests that may be under way at once at present.</summary>
    public int Window
    {
        get
        {
            lock (_lock)
                return (int)_window;
        }
    }

    /// <summary>Tokens that a request should hold at most; null where the service has told no limit.</summary>
    public double? TokensPerRequest
    {
        get
        {
            lock (_lock)
                return LargestRequest(_tokens.Limit);
        }
    }

    /// <summary>Waits until one more batch may be under way or unwritten.</summary>
    /// <returns>The place; disposed of once what was answered is written.</returns>
    public async Task<IDisposable> TakePlaceAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task changed;
            lock (_lock)
            {
                if (_places < (int)_window)
                {
                    _places++;
                    return new Place(this);
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask<IHttpAttempt> EnterAsync(CancellationToken cancellationToken)
    {
        var call = ProviderCall.Current ?? throw new InvalidOperationException("A request is sent outside of a call.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, call.Stopping);
        await _turn.WaitAsync(stop.Token);
        try
        {
            while (true)
            {
                stop.Token.ThrowIfCancellationRequested();
                TimeSpan? wait;
                Task changed;
                lock (_lock)
                {
                    if (call.CanBeDivided && call.Tokens > 2 * LargestRequest(_tokens.Limit))
                        throw new RequestOverLimitException();

                    wait = WaitFor(call.Tokens);
                    if (wait == TimeSpan.Zero)
                        return Begin(call);

                    changed = _changed.Task;
                }

                if (wait is { } time && !HttpDeadline.Allows(time, timeProvider))
                    throw TooLong(time);

                await WaitAsync(changed, wait, stop.Token);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static double? LargestRequest(double? limit) => limit * ShareOfLimit;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <returns>Null: until something changes.</returns>
    private TimeSpan? WaitFor(double tokens)
    {
        var now = timeProvider.GetUtcNow();
        if (_notBefore > now)
            return _notBefore - now;
        if (_underWay.Count >= (int)_window)
            return null;

        var forRequest = _requests.WaitFor(1, _underWay.Count, now);
        var forTokens = _tokens.WaitFor(tokens, _underWay.Values.Sum(), now);

        // Nobody is left who could bring news: this one is sent to get them.
        if ((forRequest is null || forTokens is null) && _underWay.Count == 0)
            return TimeSpan.Zero;

        return forRequest is null || forTokens is null ? null : forRequest > forTokens ? forRequest : forTokens;
    }

    private Attempt Begin(ProviderCall call)
    {
        var sequence = ++_lastSequence;
        _underWay[sequence] = call.Tokens;
        _requests.Spend(1);
        _tokens.Spend(call.Tokens);
        call.Begin();
        return new Attempt(this, call, sequence);
    }

    private async Task WaitAsync(Task changed, TimeSpan? wait, CancellationToken cancellationToken)
    {
        if (wait is not { } time)
        {
            await changed.WaitAsync(cancellationToken);
            return;
        }

        using var elapsed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(time, timeProvider, elapsed.Token));
        await elapsed.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Answered(long sequence, HttpResponseMessage response)
    {
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            var cost = _underWay.GetValueOrDefault(sequence);
            var others = _underWay.Count - 1;
            var otherTokens = _underWay.Values.Sum() - cost;
            if (RateReading.Read(response, "requests", now) is { } requests)
                _requests.Observe(requests, sequence, others, 1, now);
            if (RateReading.Read(response, "tokens", now) is { } tokens)
                _tokens.Observe(tokens, sequence, otherTokens, cost, now);

            if (response.IsSuccessStatusCode)
            {
                _window = Math.Min(ceiling, _window + (_complained ? 1 / _window : 1));
            }
            else if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError)
            {
                var wait = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                    ? RetryAfter.Read(response, now)
                    : null;
                if (wait is { } time && now + time > _notBefore)
                    _notBefore = now + time;
                Decrease(sequence, (int)response.StatusCode);
            }

            Signal();
        }
    }

    private void Failed(long sequence)
    {
        lock (_lock)
        {
            Decrease(sequence, 0);
            Signal();
        }
    }

    private void End(long sequence)
    {
        lock (_lock)
        {
            _underWay.Remove(sequence);
            Signal();
        }
    }

    private void Decrease(long sequence, int status)
    {
        // Those that were under way when another one complained met the same trouble.
        if (sequence <= _lastSequenceAtDecrease)
            return;

        _lastSequenceAtDecrease = _lastSequence;
        _complained = true;
        _window = Math.Max(1, _window / 2);
        Log.SlowedDown(logger, service, status, (int)_window);
    }

    // The next signal is there first: whoever is woken may run on this thread, and wait for it before this method goes on.
    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private RemoteServiceException TooLong(TimeSpan wait) => new(
        "rate-limited",
        string.Create(
            CultureInfo.InvariantCulture,
            $"{service} takes no more requests for {wait.TotalSeconds:0.#} s, which is longer than this run lasts."))
    {
        RetryAfter = wait,
    };

    private sealed class Place(RequestPace pace) : IDisposable
    {
        private RequestPace? _pace = pace;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _pace, null) is not { } pace)
                return;

            lock (pace._lock)
            {
                pace._places--;
                pace.Signal();
            }
        }
    }

    private sealed class Attempt(RequestPace pace, ProviderCall call, long sequence) : IHttpAttempt
    {
        private bool _succeeded;

        public void Answered(HttpResponseMessage response)
        {
            _succeeded = response.IsSuccessStatusCode;
            pace.Answered(sequence, response);
        }

        public void Failed()
        {
            _succeeded = false;

            // A call that was given up says nothing about the service.
            if (!call.GivenUp.IsCancellationRequested)
                pace.Failed(sequence);
        }

        public async ValueTask BeforeBodyAsync(CancellationToken cancellationToken)
        {
            // The service has done its part: a repetition of another batch need not wait while this answer waits for room.
            pace.End(sequence);
            await call.TakeRoomAsync(cancellationToken);
        }

        public ValueTask ReadBodyAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
            => call.ReadBodyAsync(response, maxBytes, cancellationToken);

        public void Dispose()
        {
            pace.End(sequence);
            call.End(_succeeded);
        }
    }
}

/// <summary>A request was packed before the service told its limit, and holds too large a part of it: it must be divided.</summary>
internal sealed class RequestOverLimitException() : Exception("The request holds too large a part of the service's limit.");
