using LexyHub.Core.Http;

namespace LexyHub.Core.Providers;

/// <summary>One of a service's limits, requests or tokens, as an answer's headers tell it.</summary>
/// <param name="Limit">Null where it is not told; Azure leaves it out at times.</param>
/// <param name="Reset">Until nothing of the limit is used any more; null where it is not told.</param>
internal readonly record struct RateReading(double? Limit, double Remaining, TimeSpan? Reset)
{
    /// <returns>Null where the headers say nothing usable: −1 and 0 as a limit are seen in the wild and mean "no idea".</returns>
    public static RateReading? Read(HttpResponseMessage response, string kind, DateTimeOffset now)
    {
        if (!RetryAfter.TryNumber(RetryAfter.Header(response, "x-ratelimit-remaining-" + kind), out var remaining) || remaining < 0)
            return null;

        double? limit = RetryAfter.TryNumber(RetryAfter.Header(response, "x-ratelimit-limit-" + kind), out var number) ? number : null;
        if (limit <= 0 || (limit is null && remaining == 0))
            return null;

        return new RateReading(limit, remaining, RetryAfter.ParseReset(RetryAfter.Header(response, "x-ratelimit-reset-" + kind), now));
    }
}

/// <summary>
/// What is left of one limit, between the answers that tell it. Services count in one of two ways: a window that begins anew
/// at its reset, or a bucket that fills all the time. Which one shows when two answers are compared: as more is used, the
/// reset of a window comes nearer, and that of a bucket moves away. Until that is known a window is assumed, which asks
/// of a bucket no more than it has.
/// </summary>
internal sealed class RateBudget
{
    /// <summary>Azure tells its resets in whole seconds.</summary>
    private static readonly TimeSpan s_resetTolerance = TimeSpan.FromSeconds(1.5);

    private RateReading? _reading;
    private long _sequence = -1;
    private double _spentSince;
    private DateTimeOffset _at;
    private bool _fills;
    private bool _isWindow;

    /// <summary>Null where it is not known.</summary>
    public double? Limit => _reading?.Limit;

    /// <param name="sequence">Of the request that is answered.</param>
    /// <param name="underWay">
    /// Cost of all others that are not answered yet. Which of them the service had counted by then is not known: they overtake
    /// each other on the way.
    /// </param>
    /// <param name="cost">Of the request that is answered.</param>
    public void Observe(RateReading reading, long sequence, double underWay, double cost, DateTimeOffset now)
    {
        if (_reading is { } known)
        {
            if (known is { Limit: { } limit, Reset: { } before } && reading.Reset is { } reset && limit == reading.Limit)
            {
                // The reset before is taken as it was then: a length of time against a length of time.
                var direction = Math.Sign(known.Remaining - reading.Remaining) * Math.Sign((reset - before).Ticks);
                if (direction != 0)
                    (_fills, _isWindow) = (direction > 0, direction < 0);
            }

            if (!WasCountedLater(reading, known, sequence, now))
            {
                // It was counted in what is known, and taken off once more while it was under way.
                _spentSince = Math.Max(0, _spentSince - cost);
                return;
            }
        }

        _reading = reading;
        _sequence = Math.Max(sequence, _sequence);
        _spentSince = underWay;
        _at = now;
    }

    public void Spend(double cost) => _spentSince += cost;

    /// <summary>Time until <paramref name="cost"/> is there; zero for now, null where only another answer can tell.</summary>
    /// <param name="underWay">Cost of the requests that are not answered yet.</param>
    public TimeSpan? WaitFor(double cost, double underWay, DateTimeOffset now)
    {
        if (_reading is not { } reading)
            return TimeSpan.Zero;

        var available = reading.Remaining - _spentSince;
        if (reading is not { Limit: { } limit, Reset: { } reset })
            return available >= cost ? TimeSpan.Zero : null;

        var since = now - _at;
        var rate = Math.Max(0, limit - reading.Remaining) / reset.TotalSeconds;
        if (_fills && rate > 0)
        {
            var missing = Math.Min(cost, limit) - Math.Min(limit, available + (rate * since.TotalSeconds));
            return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(missing / rate);
        }

        if (available >= cost)
            return TimeSpan.Zero;
        if (since < reset)
            return reset - since;

        // A new window, of whose end no answer has told yet. Those under way may have come into the old one, or into this one.
        _reading = new RateReading(limit, limit, null);
        _spentSince = underWay;
        return limit - underWay >= Math.Min(cost, limit) ? TimeSpan.Zero : null;
    }

    // Answers overtake each other, and requests do before that. Within a window less is left with every request; a bucket fills
    // meanwhile, so that there only the order of sending is to go by.
    private bool WasCountedLater(RateReading reading, RateReading known, long sequence, DateTimeOffset now)
    {
        if (known.Reset is not { } knownReset || reading.Reset is not { } reset)
            return sequence > _sequence || reading.Remaining < known.Remaining;

        if (!_isWindow)
            return sequence > _sequence || reading.Remaining < known.Remaining;

        var shift = now + reset - (_at + knownReset);
        return shift.Duration() < s_resetTolerance ? reading.Remaining <= known.Remaining : shift > TimeSpan.Zero;
    }
}
