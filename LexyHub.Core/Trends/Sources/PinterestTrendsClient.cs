using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using LexyHub.Core.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Trends.Sources;

/// <summary>Pinterest API v5: the keywords that trend in a region.</summary>
public sealed class PinterestTrendsClient
{
    public const string Service = "Pinterest";

    private readonly PinterestTrendsOptions _options;
    private readonly IRefreshTokenStore _refreshTokens;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly SecretMask _mask;
    private readonly JsonServiceClient _service;
    private readonly AccessTokenSource _tokens;

    public PinterestTrendsClient(
        HttpClient http, IOptions<PinterestTrendsOptions> options, IRefreshTokenStore refreshTokens, TimeProvider timeProvider,
        ILogger<PinterestTrendsClient> logger)
    {
        _options = options.Value;
        _refreshTokens = refreshTokens;
        _timeProvider = timeProvider;
        _logger = logger;
        _mask = new SecretMask(_options.AccessToken, _options.ClientSecret, _options.RefreshToken, BasicCredentials);
        _service = new JsonServiceClient(http, Service, _mask, timeProvider);
        _tokens = new AccessTokenSource(
            _options.AccessToken, string.IsNullOrWhiteSpace(_options.RefreshToken) ? null : RefreshAsync, timeProvider);
    }

    private string BasicCredentials
        => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_options.ClientId}:{_options.ClientSecret}"));

    internal async Task<IReadOnlyList<PinterestKeyword>> GetTopAsync(
        string region, string trendType, CancellationToken cancellationToken)
    {
        var path = $"trends/keywords/{Uri.EscapeDataString(region)}/top/{Uri.EscapeDataString(trendType)}{Query()}";
        var address = new Uri(Folder(_options.BaseAddress), path);
        var answer = await _service.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, address), _tokens,
            PinterestTrendsJson.Default.PinterestTrendsResponse, cancellationToken);
        return [.. (answer.Trends ?? []).OfType<PinterestKeyword>()];
    }

    // Lists go as repeated parameters, not as one with commas.
    private string Query()
    {
        var query = new StringBuilder("?limit=").Append(_options.Limit.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, values) in new[]
            { ("interests", _options.Interests), ("genders", _options.Genders), ("ages", _options.Ages) })
        {
            foreach (var value in values)
                query.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return query.ToString();
    }

    // Whether the old refresh token still works after a refresh is not promised, so the call is not repeated blindly
    // and the replacement is kept before the access token is used.
    private async Task<AccessToken> RefreshAsync(CancellationToken cancellationToken)
    {
        var configured = _options.RefreshToken!;
        var refreshToken = await _refreshTokens.ReadAsync(PinterestTrendsSource.SourceName, configured, cancellationToken)
            ?? configured;
        _mask.Add(refreshToken);

        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Folder(_options.BaseAddress), "oauth/token"))
        {
            Content = new FormUrlEncodedContent(
            [
                new("grant_type", "refresh_token"),
                new("refresh_token", refreshToken),
                new("scope", "user_accounts:read"),
            ]),
        }.OnceOnly();
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", BasicCredentials);
        var answer = await OAuthToken.RequestAsync(_service, request, cancellationToken);
        if (!string.IsNullOrWhiteSpace(answer.RefreshToken) && answer.RefreshToken != refreshToken)
        {
            _mask.Add(answer.RefreshToken);

            // Not with the caller's token: a replacement that is not kept may be lost for good.
            await _refreshTokens.SaveAsync(
                PinterestTrendsSource.SourceName, configured, answer.RefreshToken, CancellationToken.None);
            Log.RefreshTokenReplaced(_logger, PinterestTrendsSource.SourceName, answer.RefreshTokenExpiresIn / 86_400);
        }

        return answer.ToAccessToken(Service, _timeProvider);
    }

    private static Uri Folder(Uri address)
        => address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
