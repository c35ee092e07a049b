using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>Pausing of jobs, and what models refused.</summary>
public sealed class OperationsFunctions(HttpAdapter http)
{
    [Function("pause")]
    public Task<HttpResponseData> PauseAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "jobs/{name}/pause")] HttpRequestData request, string name)
        => http.HandleAsync(request, $"jobs/{name}/pause");

    [Function("resume")]
    public Task<HttpResponseData> ResumeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "jobs/{name}/resume")] HttpRequestData request, string name)
        => http.HandleAsync(request, $"jobs/{name}/resume");

    [Function("quarantine")]
    public Task<HttpResponseData> ListQuarantineAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "quarantine")] HttpRequestData request)
        => http.HandleAsync(request, "quarantine");

    [Function("quarantine-retry")]
    public Task<HttpResponseData> RetryQuarantineAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "quarantine/retry")] HttpRequestData request)
        => http.HandleAsync(request, "quarantine/retry");
}
