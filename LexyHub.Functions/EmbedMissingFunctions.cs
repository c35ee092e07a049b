using LexyHub.Core.Jobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>The triggers of <c>embed-missing</c>. Anonymous to the host: the bearer token is checked by the endpoint.</summary>
public sealed class EmbedMissingFunctions(HttpAdapter http, JobTimer jobTimer)
{
    [Function(JobCatalog.EmbedMissing)]
    public Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "jobs/" + JobCatalog.EmbedMissing)] HttpRequestData request)
        => http.HandleAsync(request, "jobs/" + JobCatalog.EmbedMissing);

    [Function(JobCatalog.EmbedMissing + "-timer")]
    public Task RunOnScheduleAsync(
        [TimerTrigger(JobCatalog.EmbedMissingSchedule, RunOnStartup = false, UseMonitor = true)] TimerInfo timer,
        FunctionContext context,
        CancellationToken cancellationToken)
        => jobTimer.RunAsync(JobCatalog.EmbedMissing, timer.IsPastDue, HttpAdapter.TraceOf(context), cancellationToken);
}
