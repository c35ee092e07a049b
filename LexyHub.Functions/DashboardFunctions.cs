using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>The operator's page with its files, what it shows, and the description of the API.</summary>
public sealed class DashboardFunctions(HttpAdapter http)
{
    [Function("dashboard")]
    public Task<HttpResponseData> ReadPageAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dashboard")] HttpRequestData request)
        => http.HandleAsync(request, request.Url.AbsolutePath.EndsWith('/') ? "dashboard/" : "dashboard");

    [Function("dashboard-file")]
    public Task<HttpResponseData> ReadFileAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dashboard/{version}/{name}")] HttpRequestData request, string version, string name)
        => http.HandleAsync(request, $"dashboard/{version}/{name}");

    [Function("insights")]
    public Task<HttpResponseData> ReadInsightAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "insights/{name}")] HttpRequestData request, string name)
        => http.HandleAsync(request, $"insights/{name}");

    [Function("insight")]
    public Task<HttpResponseData> ReadOneInsightAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "insights/{name}/{id}")] HttpRequestData request, string name, string id)
        => http.HandleAsync(request, $"insights/{name}/{id}");

    [Function("openapi")]
    public Task<HttpResponseData> ReadDescriptionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi.json")] HttpRequestData request)
        => http.HandleAsync(request, "openapi.json");
}
