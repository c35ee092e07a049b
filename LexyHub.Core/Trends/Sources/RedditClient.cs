using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using LexyHub.Core.Http;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Trends.Sources;

/// <summary>Reddit's API: the posts of a subreddit, page by page.</summary>
public sealed class RedditClient
{
    public const string Service = "Reddit";

    private const int PageSize = 100;

    private readonly RedditOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly JsonServiceClient _service;
    private readonly AccessTokenSource _tokens;
    private readonly RateLimitPace _pace;

    public RedditClient(HttpClient http, IOptions<RedditOptions> options, TimeProvider timeProvider)
    {
        _options = options.Value;
        _timeProvider = timeProvider;
        _pace = new RateLimitPace(Service, timeProvider);
        _service = new JsonServiceClient(http, Service, new SecretMask(_options.ClientSecret, BasicCredentials), timeProvider)
        {
            OnResponse = _pace.Observe,
        };
        _tokens = new AccessTokenSource(null, RequestTokenAsync, timeProvider);
    }

    private string BasicCredentials
        => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_options.ClientId}:{_options.ClientSecret}"));

    /// <param name="after">Name of the last post of the page before; null for the first page.</param>
    internal async Task<RedditListingData> GetPageAsync(
        string subreddit, string? after, int alreadyRead, CancellationToken cancellationToken)
    {
        var limit = Math.Min(PageSize, _options.MaxPostsPerSubreddit - alreadyRead);
        var listing = _options.Listing switch
        {
            RedditListing.Hot => "hot",
            RedditListing.Top => "top",
            RedditListing.Rising => "rising",
            _ => "new",
        };
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"/r/{Uri.EscapeDataString(subreddit)}/{listing}?limit={limit}&raw_json=1");
        if (_options.Listing == RedditListing.Top)
            path += _options.WindowDays <= 7 ? "&t=week" : "&t=month";
        if (after is not null)
            path += string.Create(CultureInfo.InvariantCulture, $"&after={Uri.EscapeDataString(after)}&count={alreadyRead}");

        await _pace.WaitAsync(cancellationToken);
        var address = new Uri(_options.BaseAddress, path);
        var page = await _service.SendAsync(
            () => WithUserAgent(new HttpRequestMessage(HttpMethod.Get, address)), _tokens,
            RedditJson.Default.RedditListingResponse, cancellationToken);
        return page.Data ?? throw new RemoteServiceException("bad-response", $"{Service} answered with something that is no listing.");
    }

    private async Task<AccessToken> RequestTokenAsync(CancellationToken cancellationToken)
    {
        var request = WithUserAgent(new HttpRequestMessage(HttpMethod.Post, _options.TokenEndpoint)
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        });
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", BasicCredentials);
        var token = await OAuthToken.RequestAsync(_service, request, cancellationToken);
        return token.ToAccessToken(Service, _timeProvider);
    }

    private HttpRequestMessage WithUserAgent(HttpRequestMessage request)
    {
        // Reddit's form, platform:application:version (by …), is not a product list in HTTP's sense.
        request.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        return request;
    }
}
