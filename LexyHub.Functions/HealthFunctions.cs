using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>Whether the jobs could run now, for probes.</summary>
public sealed class HealthFunctions(HttpAdapter http)
{
    [Function("health")]
    public Task<HttpResponseData> ReadAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequestData request)
        => http.HandleAsync(request, "health");
}
