using System.Net;
using System.Text.Json.Serialization;

namespace LexyHub.Core.Http;

internal static class OAuthToken
{
    /// <summary>
    /// Asks a token endpoint. Wrong credentials are answered with 400 or 401 (RFC 6749, 5.2): both become
    /// <c>unauthorized</c>, so that no caller takes them for something about its own request.
    /// </summary>
    public static async Task<OAuthTokenResponse> RequestAsync(
        JsonServiceClient service, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await service.SendAsync(request, OAuthTokenJson.Default.OAuthTokenResponse, cancellationToken);
        }
        catch (RemoteServiceException e)
            when (e.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new RemoteServiceException("unauthorized", $"No access token was given. {e.Message}", e)
            {
                StatusCode = HttpStatusCode.Unauthorized,
                ServiceCode = e.ServiceCode,
            };
        }
    }
}

/// <summary>A token endpoint's answer (RFC 6749, 5.1). Reddit answers some refusals with 200 and no token.</summary>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="RefreshTokenExpiresIn">Seconds; Pinterest's.</param>
internal sealed record OAuthTokenResponse(
    string? AccessToken, double? ExpiresIn, string? RefreshToken, double? RefreshTokenExpiresIn)
{
    public AccessToken ToAccessToken(string service, TimeProvider timeProvider)
    {
        if (string.IsNullOrWhiteSpace(AccessToken))
            throw new RemoteServiceException("unauthorized", $"{service} answered without an access token.");

        return new AccessToken(
            AccessToken, ExpiresIn is > 0 and < int.MaxValue ? timeProvider.GetUtcNow().AddSeconds(ExpiresIn.Value) : null);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(OAuthTokenResponse))]
internal sealed partial class OAuthTokenJson : JsonSerializerContext;
