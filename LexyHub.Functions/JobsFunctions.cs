using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>The jobs and their runs, and what no literal route took.</summary>
public sealed class JobsFunctions(HttpAdapter http)
{
    [Function("jobs")]
    public Task<HttpResponseData> ListAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "jobs")] HttpRequestData request)
        => http.HandleAsync(request, "jobs");

    [Function("run")]
    public Task<HttpResponseData> ReadRunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "jobs/runs/{id}")] HttpRequestData request, string id)
        => http.HandleAsync(request, $"jobs/runs/{id}");

    [Function("runs")]
    public Task<HttpResponseData> ReadRunsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "jobs/{name}/runs")] HttpRequestData request, string name)
        => http.HandleAsync(request, $"jobs/{name}/runs");

    // The host tries routes in the order of the functions' names, not the more literal one first: this one sorts last.
    // Were it first, it would answer just the same.
    [Function("unmatched")]
    public Task<HttpResponseData> AnswerAnyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "jobs/{name}")] HttpRequestData request, string name)
        => http.HandleAsync(request, $"jobs/{name}");
}
