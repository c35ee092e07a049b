using System.Net;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace LexyHub.Core.Http;

/// <summary>
/// The one place where calls are repeated; an SDK above it has its own retries off. It repeats 408, 429, 5xx, time-outs and
/// broken connections, with exponential back-off and jitter or after the time that the service asks for, within
/// <see cref="ResilientHttpOptions.MaxAttempts"/>, the caller's token and <see cref="HttpDeadline"/>. The body is read
/// inside each try, so that one that breaks off is repeated too.
/// </summary>
/// <remarks>
/// 409 is not repeated unless asked for: it speaks of a state that the same call meets again. A 429 whose code says that the
/// account is used up is final. A wait that would outlast the deadline is not begun: the last answer is passed on, or the
/// last error.
/// </remarks>
public sealed class ResilientHttpHandler : DelegatingHandler
{
    private static readonly ResiliencePropertyKey<HttpRequestMessage> s_request = new("LexyHub.Request");
    private static readonly ResiliencePropertyKey<TimeSpan> s_wait = new("LexyHub.Wait");
    private static readonly ResiliencePropertyKey<int> s_refusals = new("LexyHub.Refusals");

    /// <summary>Refusals for a rate that one call of a gated client waits out; they count as no failed attempts.</summary>
    private const int MaxRefusals = 20;

    private readonly string _service;
    private readonly ResilientHttpOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly ResiliencePipeline _timeout;

    /// <param name="service">As it shall be called in logs and errors.</param>
    public ResilientHttpHandler(
        string service, ResilientHttpOptions options, TimeProvider timeProvider, ILogger<ResilientHttpHandler> logger)
    {
        _service = service;
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;

        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = timeProvider };
        if (options.MaxAttempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                // Counted in ShouldRepeatAsync, which knows what a failed attempt is.
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = ShouldRepeatAsync,
                DelayGenerator = static args => new(args.Context.Properties.GetValue(s_wait, TimeSpan.Zero)),
            });
        }

        _pipeline = builder.Build();
        _timeout = new ResiliencePipelineBuilder { TimeProvider = timeProvider }.AddTimeout(options.AttemptTimeout).Build();
    }

    /// <summary>Asked before each try; null lets all through.</summary>
    public IHttpAttemptGate? Gate { get; init; }

    /// <summary>Repeats 409 too, for a service that means "busy" by it.</summary>
    public bool RepeatsConflict { get; init; }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(s_request, request);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (context, handler) => await handler.TryOnceAsync(
                    context.Properties.GetValue(s_request, null!), context.CancellationToken),
                context, this);
        }
        catch (TimeoutRejectedException e)
        {
            throw new TimeoutException(
                $"{_service} did not answer within {_options.AttemptTimeout.TotalSeconds:0.#} s.", e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<HttpResponseMessage> TryOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Gate is null)
        {
            return await _timeout.ExecuteAsync(
                static async (state, token) =>
                {
                    var response = await state.Handler.SendOnceAsync(state.request, token);
                    await state.Handler.ReadBodyAsync(response, attempt: null, token);
                    return response;
                },
                (Handler: this, request), cancellationToken);
        }

        using var attempt = await Gate.EnterAsync(cancellationToken);
        try
        {
            var response = await _timeout.ExecuteAsync(
                static (state, token) => state.Handler.SendOnceAsync(state.request, token), (Handler: this, request), cancellationToken);
            attempt.Answered(response);
            var reader = response.IsSuccessStatusCode ? attempt : null;
            if (reader is not null)
                await reader.BeforeBodyAsync(cancellationToken);

            // A time-out of its own, because the wait for room lies between.
            await _timeout.ExecuteAsync(
                static (state, token) => state.Handler.ReadBodyAsync(state.response, state.reader, token),
                (Handler: this, response, reader), cancellationToken);
            return response;
        }
        catch
        {
            attempt.Failed();
            throw;
        }
    }

    private async ValueTask<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        => await base.SendAsync(request, cancellationToken);

    private async ValueTask ReadBodyAsync(HttpResponseMessage response, IHttpAttempt? attempt, CancellationToken cancellationToken)
    {
        try
        {
            if (attempt is not null)
                await attempt.ReadBodyAsync(response, _options.MaxResponseBytes, cancellationToken);
            else
                await response.Content.LoadIntoBufferAsync(_options.MaxResponseBytes, cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async ValueTask<bool> ShouldRepeatAsync(RetryPredicateArguments<HttpResponseMessage> args)
    {
        var request = args.Context.Properties.GetValue(s_request, null!);
        var response = args.Outcome.Result;
        TimeSpan? requested = null;
        if (response is not null)
        {
            var repeatsConflict = RepeatsConflict && response.StatusCode == HttpStatusCode.Conflict;
            if (!repeatsConflict && !IsTransient(response.StatusCode, request.IsOnceOnly()))
                return false;

            requested = RetryAfter.Read(response, _timeProvider.GetUtcNow());
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                var body = await ErrorBody.ReadAsync(response, args.Context.CancellationToken);
                if (body.IsAccountUsedUp)
                    return false;

                requested ??= RetryAfter.FromText(body.Message ?? "");
            }
        }
        else if (!IsTransient(args.Outcome.Exception!, request.IsOnceOnly()))
        {
            return false;
        }

        var refusals = args.Context.Properties.GetValue(s_refusals, 0);
        if (Gate is not null && response?.StatusCode == HttpStatusCode.TooManyRequests && refusals < MaxRefusals)
            args.Context.Properties.Set(s_refusals, refusals + 1);
        else if (args.AttemptNumber + 1 - refusals >= _options.MaxAttempts)
            return false;

        var wait = requested is { } time ? WithJitter(time) : Backoff(args.AttemptNumber);
        var reason = response is not null ? (int)response.StatusCode : 0;
        var host = request.RequestUri?.Host ?? "";
        if (wait > _options.MaxRequestedWait || !HttpDeadline.Allows(wait, _timeProvider))
        {
            Log.WaitTooLong(_logger, _service, request.Method, host, reason, wait.TotalSeconds);
            return false;
        }

        Log.Repeating(
            _logger, _service, request.Method, host, reason, args.Outcome.Exception?.GetType().Name, wait.TotalMilliseconds,
            args.AttemptNumber + 2);
        args.Context.Properties.Set(s_wait, wait);
        return true;
    }

    private static bool IsTransient(HttpStatusCode status, bool onceOnly)
        => status == HttpStatusCode.TooManyRequests
            || (!onceOnly && (status == HttpStatusCode.RequestTimeout
                || (status >= HttpStatusCode.InternalServerError
                    && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported))));

    private static bool IsTransient(Exception exception, bool onceOnly) => exception switch
    {
        HttpRequestException e when onceOnly => e.HttpRequestError
            is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError,
        // The body is longer than we take, and will be again.
        HttpRequestException e => e.HttpRequestError is not HttpRequestError.ConfigurationLimitExceeded,
        IOException or TimeoutRejectedException => !onceOnly,
        _ => false,
    };

    // Half of the step is certain, half is chance: callers that failed together do not come back together.
    private TimeSpan Backoff(int attemptNumber)
    {
        var step = Math.Min(_options.MaxBackoff.TotalSeconds, _options.BaseDelay.TotalSeconds * Math.Pow(2, attemptNumber));
        return TimeSpan.FromSeconds(step * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    // Never sooner than asked, and up to a tenth (at most a second) later.
    private static TimeSpan WithJitter(TimeSpan requested)
        => requested + TimeSpan.FromSeconds(Math.Min(1, requested.TotalSeconds / 10) * Random.Shared.NextDouble());
}
