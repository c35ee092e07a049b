using System.Net.Http.Json;
using LexyHub.Core.Http;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Trends.Sources;

/// <summary>Google Trends API v1alpha: weekly search interest of one term.</summary>
public sealed class GoogleTrendsClient
{
    public const string Service = "Google Trends";

    // google.rpc.Code, in the numbers of https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
    private const int PermissionDenied = 7;
    private const int ResourceExhausted = 8;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;

    private readonly GoogleTrendsOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly SecretMask _mask;
    private readonly JsonServiceClient _service;
    private readonly AccessTokenSource _tokens;

    public GoogleTrendsClient(HttpClient http, IOptions<GoogleTrendsOptions> options, TimeProvider timeProvider)
    {
        _options = options.Value;
        _timeProvider = timeProvider;
        _mask = new SecretMask(_options.AccessToken, _options.ClientSecret, _options.RefreshToken);
        _service = new JsonServiceClient(http, Service, _mask, timeProvider);
        _tokens = new AccessTokenSource(
            _options.AccessToken, string.IsNullOrWhiteSpace(_options.RefreshToken) ? null : RefreshAsync, timeProvider);
    }

    /// <summary>
    /// One request carries one term: several terms in an expression are answered with one series of them all together.
    /// </summary>
    /// <param name="from">00:00 UTC of the first day.</param>
    /// <param name="to">00:00 UTC after the last day.</param>
    /// <returns>Finished weeks by their last day, ascending; weeks without a reading are not there.</returns>
    /// <exception cref="RemoteServiceException"><c>term-refused</c>: this term alone cannot be read.</exception>
    public async Task<IReadOnlyList<WeekReading>> GetWeeksAsync(
        string term, DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        var spec = new GoogleTimeSeriesSpec(
            new GoogleExpression([new GoogleTerm(term, "BROAD")]),
            new GoogleGeo(_options.GeoType, _options.GeoCode),
            new GoogleTimeRange(StartOf(from), StartOf(to)),
            "WEEK");
        var operation = await SendAsync(
            HttpMethod.Post, "v1alpha:fetchTimeSeries", new GoogleTimeSeriesRequest(spec), cancellationToken);
        operation = await FinishAsync(operation, cancellationToken);
        if (operation.Error is { } error)
            throw ToError(error);

        return Read(operation.Response?.TimeSeries?.Points ?? []);
    }

    private static List<WeekReading> Read(IReadOnlyList<GooglePoint?> points)
    {
        var weeks = new SortedDictionary<DateOnly, double>();
        foreach (var point in points)
        {
            if (point is { IsPartial: not true, SearchInterest: { } interest, TimeRange.EndTime: { } end }
                && double.IsFinite(interest) && interest >= 0)
            {
                // The end is not part of the week.
                weeks[DateOnly.FromDateTime(end.ToUniversalTime().AddTicks(-1))] = interest;
            }
        }

        return [.. weeks.Select(week => new WeekReading(week.Key, week.Value))];
    }

    private async Task<GoogleOperation> FinishAsync(GoogleOperation operation, CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        var path = OperationPath(operation.Name, operation.Done);
        while (!operation.Done)
        {
            if (_timeProvider.GetElapsedTime(started) >= _options.OperationTimeout)
            {
                throw new RemoteServiceException(
                    "timeout",
                    $"{Service} did not finish a request within {_options.OperationTimeout.TotalSeconds:0} s. "
                        + "Raise Trends:Google:OperationTimeout if it stays so.");
            }

            await Task.Delay(_options.PollInterval, _timeProvider, cancellationToken);
            operation = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        }

        return operation;
    }

    // The recordings name the operation alone; Google's other services write "operations/" before it.
    private static string OperationPath(string? name, bool done)
    {
        if (done)
            return "";

        var id = name?.StartsWith("operations/", StringComparison.Ordinal) == true ? name["operations/".Length..] : name;
        return string.IsNullOrEmpty(id) || id.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_'))
            ? throw new RemoteServiceException("bad-response", $"{Service} began an operation without a usable name.")
            : $"v1alpha/operations/{id}";
    }

    private RemoteServiceException ToError(GoogleStatus error)
    {
        var said = _mask.Apply(error.Message ?? "no message").TrimEnd('.');
        var code = error.Code switch
        {
            ResourceExhausted => "rate-limited",
            PermissionDenied => "forbidden",
            Unauthenticated => "unauthorized",
            Unavailable => "server-error",
            _ => "term-refused",
        };
        return new RemoteServiceException(code, $"{Service} could not finish a request (code {error.Code}): {said}.");
    }

    private Task<GoogleOperation> SendAsync(
        HttpMethod method, string path, GoogleTimeSeriesRequest? body, CancellationToken cancellationToken)
        => _service.SendAsync(
            () =>
            {
                // "v1alpha:…" would be read as a scheme without the dot.
                var request = new HttpRequestMessage(method, new Uri(_options.BaseAddress, "./" + path));
                if (body is not null)
                    request.Content = JsonContent.Create(body, GoogleTrendsJson.Default.GoogleTimeSeriesRequest);
                if (!string.IsNullOrWhiteSpace(_options.QuotaProject))
                    request.Headers.TryAddWithoutValidation("X-Goog-User-Project", _options.QuotaProject);
                return request;
            },
            _tokens, GoogleTrendsJson.Default.GoogleOperation, cancellationToken);

    private async Task<AccessToken> RefreshAsync(CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _options.TokenEndpoint)
        {
            Content = new FormUrlEncodedContent(
            [
                new("grant_type", "refresh_token"),
                new("refresh_token", _options.RefreshToken),
                new("client_id", _options.ClientId),
                new("client_secret", _options.ClientSecret),
            ]),
        };
        var token = await OAuthToken.RequestAsync(_service, request, cancellationToken);
        return token.ToAccessToken(Service, _timeProvider);
    }

    private static DateTime StartOf(DateOnly day) => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
}

/// <param name="LastDay">UTC.</param>
/// <param name="Interest">0 and up, on one scale for all terms and requests of a place.</param>
public sealed record WeekReading(DateOnly LastDay, double Interest);
