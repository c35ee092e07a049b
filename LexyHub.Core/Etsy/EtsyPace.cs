using System.Globalization;
using LexyHub.Core.Http;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Etsy;

/// <summary>
/// Keeps within Etsy's limits for a key: <c>x-limit-per-second</c>, and <c>x-remaining-today</c> less
/// <see cref="EtsyOptions.DailyReserve"/>. One for the process, as the limits are.
/// </summary>
/// <remarks>
/// A place of the second is free again one second after its answer came. The request had reached Etsy before that, so that
/// however long requests take on their way, no second at Etsy's end sees more of them than allowed.
/// </remarks>
internal sealed class EtsyPace(IOptions<EtsyOptions> options, TimeProvider time) : IHttpAttemptGate
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // Etsy's day is a sliding one: what was left a while ago says little, and one call finds out.
    private static readonly TimeSpan DayKnownFor = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Queue<long> answered = new();
    private TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int underWay;
    private int? perSecond;
    private bool isKnown;
    private long? remaining;
    private long? perDay;
    private long remainingAt;

    public async ValueTask<IHttpAttempt> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan? wait;
            Task another;
            lock (gate)
            {
                ThrowWhereTheDayIsUsedUp();
                while (answered.TryPeek(out var at) && time.GetElapsedTime(at) >= Second)
                {
                    answered.Dequeue();
                }

                if (underWay + answered.Count < Limit)
                {
                    underWay++;
                    return new Attempt(this);
                }

                wait = answered.TryPeek(out var oldest) ? Second - time.GetElapsedTime(oldest) : null;
                another = ended.Task;
            }

            await (wait is { } duration ? Task.Delay(duration, time, cancellationToken) : another.WaitAsync(cancellationToken));
        }
    }

    // Until the first answer tells the limits, one call at a time.
    private int Limit => !isKnown || (remaining is null && perDay is not null) ? 1 : Math.Min(perSecond ?? int.MaxValue, options.Value.MaxRequestsPerSecond ?? int.MaxValue);

    private void ThrowWhereTheDayIsUsedUp()
    {
        if (remaining is null)
        {
            return;
        }

        if (time.GetElapsedTime(remainingAt) >= DayKnownFor)
        {
            remaining = null;
            return;
        }

        if (remaining - underWay <= options.Value.DailyReserve)
        {
            throw new RemoteServiceException(
                "rate-limited",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Etsy's calls of the day are used up but for {remaining:N0}{(perDay is { } all ? $" of {all:N0}" : "")}, and Etsy:DailyReserve keeps {options.Value.DailyReserve:N0}. The day is a sliding one: the next run goes on from here."));
        }
    }

    private void Observe(HttpResponseMessage response)
    {
        if (response.RequestMessage?.RequestUri == options.Value.TokenEndpoint)
        {
            // It has limits of its own, and tells none.
            return;
        }

        lock (gate)
        {
            isKnown = true;
            if (Header(response, "x-limit-per-second") is > 0 and var second)
            {
                perSecond = (int)Math.Min(second, int.MaxValue);
            }

            perDay = Header(response, "x-limit-per-day") is > 0 and var day ? day : perDay;
            if (Header(response, "x-remaining-today") is { } left)
            {
                (remaining, remainingAt) = (left, time.GetTimestamp());
            }
        }
    }

    private void End()
    {
        lock (gate)
        {
            underWay--;
            answered.Enqueue(time.GetTimestamp());
            ended.SetResult();
            ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static long? Header(HttpResponseMessage response, string name)
        => RetryAfter.TryNumber(RetryAfter.Header(response, name), out var number) && number is >= 0 and < long.MaxValue ? (long)number : null;

    private sealed class Attempt(EtsyPace pace) : IHttpAttempt
    {
        private bool isEnded;

        public void Answered(HttpResponseMessage response) => pace.Observe(response);

        public void Failed()
        {
        }

        public ValueTask BeforeBodyAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Dispose()
        {
            if (!isEnded)
            {
                isEnded = true;
                pace.End();
            }
        }
    }
}
