using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using LexyHub.Core.Http;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Etsy;

/// <summary>Etsy Open API v3: a shop's listings page by page, and the renewal of tokens.</summary>
internal sealed class EtsyClient
{
    public const string Service = "Etsy";

    /// <summary>Most that a page may hold.</summary>
    public const int PageSize = 100;

    /// <summary>Etsy refuses a larger offset.</summary>
    public const int MaxOffset = 12_000;

    private readonly EtsyOptions options;
    private readonly TimeProvider time;
    private readonly SecretMask mask;
    private readonly JsonServiceClient service;

    public EtsyClient(HttpClient http, IOptions<EtsyOptions> options, TimeProvider time)
    {
        this.options = options.Value;
        this.time = time;
        mask = new SecretMask(ApiKey, this.options.SharedSecret, this.options.KeyString);
        service = new JsonServiceClient(http, Service, mask, time);
    }

    private string ApiKey => $"{options.KeyString?.Trim()}:{options.SharedSecret?.Trim()}";

    /// <summary>A page of a shop's listings in a state, those updated last first.</summary>
    /// <param name="offset">Listings before the page, at most <see cref="MaxOffset"/>.</param>
    /// <exception cref="RemoteServiceException">With status 401 where the token is not good (any more).</exception>
    public async Task<EtsyListings> GetListingsAsync(
        long shop, string state, int offset, string accessToken, CancellationToken cancellationToken)
    {
        mask.Add(accessToken);
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"shops/{shop}/listings?state={Uri.EscapeDataString(state)}&limit={PageSize}&offset={offset}&sort_on=updated&sort_order=desc");
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Folder(options.BaseAddress), path));
        request.Headers.Add("x-api-key", ApiKey);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return await service.SendAsync(request, EtsyJson.Default.EtsyListings, cancellationToken);
    }

    /// <summary>Trades a refresh token for new tokens. The old one may be of no use afterwards, so the call is not repeated but where
    /// it cannot have had an effect.</summary>
    /// <exception cref="RemoteServiceException">See <see cref="IsRefusedToken"/> for what is the token's fault.</exception>
    public async Task<EtsyTokenPair> RefreshAsync(string refreshToken, CancellationToken cancellationToken)
    {
        mask.Add(refreshToken);
        var request = new HttpRequestMessage(HttpMethod.Post, options.TokenEndpoint)
        {
            Content = new FormUrlEncodedContent(
            [
                new("grant_type", "refresh_token"),
                new("client_id", options.KeyString?.Trim()),
                new("refresh_token", refreshToken),
            ]),
        }.OnceOnly();
        var answer = await service.SendAsync(request, OAuthTokenJson.Default.OAuthTokenResponse, cancellationToken);
        mask.Add(answer.AccessToken);
        mask.Add(answer.RefreshToken);
        if (string.IsNullOrWhiteSpace(answer.AccessToken))
        {
            throw new RemoteServiceException("bad-response", $"{Service} answered without an access token.");
        }

        return new EtsyTokenPair(
            answer.AccessToken,
            string.IsNullOrWhiteSpace(answer.RefreshToken) ? refreshToken : answer.RefreshToken,
            TimeSpan.FromSeconds(answer.ExpiresIn is > 0 and < int.MaxValue ? answer.ExpiresIn.Value : 3_600),
            time.GetTimestamp());
    }

    /// <summary>Whether the token endpoint refused the refresh token itself (RFC 6749, 5.2) and not our key.</summary>
    public static bool IsRefusedToken(RemoteServiceException error)
        => error.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized
            && error.ServiceCode is not ("invalid_client" or "unauthorized_client" or "unsupported_grant_type")
            && (error.ServiceCode is "invalid_grant" or "invalid_token" || error.Message.Contains("token", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether an access token was refused, and not our key.</summary>
    public static bool IsRefusedAccess(RemoteServiceException error)
        => error.Code == "unauthorized" && !error.Message.Contains("api key", StringComparison.OrdinalIgnoreCase);

    private static Uri Folder(Uri address)
        => address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}

/// <summary>What a renewal brought.</summary>
/// <param name="Lifetime">Of the access token, from <paramref name="ReceivedAt"/> on.</param>
/// <param name="ReceivedAt">A timestamp of the clock that the client has.</param>
internal sealed record EtsyTokenPair(string AccessToken, string RefreshToken, TimeSpan Lifetime, long ReceivedAt);
