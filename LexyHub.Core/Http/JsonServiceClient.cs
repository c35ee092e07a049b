using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Serialization.Metadata;

namespace LexyHub.Core.Http;

/// <summary>Calls a JSON API; every failure comes out as a <see cref="RemoteServiceException"/>, cancellation as itself.</summary>
/// <param name="http">With a <see cref="ResilientHttpHandler"/> below it.</param>
/// <param name="service">As it is called in errors.</param>
public sealed class JsonServiceClient(HttpClient http, string service, SecretMask mask, TimeProvider timeProvider)
{
    /// <summary>The handler's limit holds below this one; this is for clients without it.</summary>
    private const int MaxResponseBytes = 512 * 1_024 * 1_024;

    private readonly ResponseReader _reader = new(service, mask, timeProvider);

    /// <summary>Sees every answer, whatever its status; for limits that come with the headers.</summary>
    public Action<HttpResponseMessage>? OnResponse { get; init; }

    public async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken)
        where T : class
    {
        using (request)
        {
            using var response = await SendAsync(request, cancellationToken);
            return await _reader.ReadJsonAsync(response, typeInfo, MaxResponseBytes, cancellationToken);
        }
    }

    /// <summary>Sends with a bearer token; a 401 is answered with one fresh token and one more try.</summary>
    /// <param name="createRequest">Called once per try: a request cannot be sent twice.</param>
    public async Task<T> SendAsync<T>(
        Func<HttpRequestMessage> createRequest, AccessTokenSource tokens, JsonTypeInfo<T> typeInfo,
        CancellationToken cancellationToken)
        where T : class
    {
        for (var mayRefresh = tokens.CanRefresh; ; mayRefresh = false)
        {
            var token = await tokens.GetAsync(cancellationToken);
            mask.Add(token);
            using var request = createRequest();
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.Unauthorized && mayRefresh)
            {
                await tokens.DropAsync(token, cancellationToken);
                continue;
            }

            return await _reader.ReadJsonAsync(response, typeInfo, MaxResponseBytes, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await http.SendAsync(request, cancellationToken);
            OnResponse?.Invoke(response);
            return response;
        }
        catch (Exception e) when (TransportError.Is(e))
        {
            throw TransportError.ToError(service, e);
        }
    }
}
