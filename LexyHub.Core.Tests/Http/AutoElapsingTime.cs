using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Http;

/// <summary>
/// A fake clock on which every wait up to <paramref name="longest"/> is over as soon as it begins, and is noted. Longer ones,
/// such as a time-out that is not the subject, never end by themselves.
/// </summary>
internal sealed class AutoElapsingTime(TimeSpan longest) : FakeTimeProvider(new DateTimeOffset(2026, 4, 15, 12, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];

    public AutoElapsingTime()
        : this(TimeSpan.FromMinutes(5))
    {
    }

    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_lock)
                return [.. _waits];
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ElapsingTimer(base.CreateTimer(callback, state, dueTime, period), this);
        Elapse(dueTime);
        return timer;
    }

    private void Elapse(TimeSpan dueTime)
    {
        if (dueTime <= TimeSpan.Zero || dueTime > longest)
            return;

        lock (_lock)
            _waits.Add(dueTime);
        ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
    }

    private sealed class ElapsingTimer(ITimer timer, AutoElapsingTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            time.Elapse(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
