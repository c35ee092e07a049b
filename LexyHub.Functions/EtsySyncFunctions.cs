using LexyHub.Core.Jobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>The triggers of <c>etsy-sync</c>. Anonymous to the host: the bearer token is checked by the endpoint. The timer does nothing
/// unless <c>Etsy:Automation</c> is true.</summary>
public sealed class EtsySyncFunctions(HttpAdapter http, JobTimer jobTimer)
{
    [Function(JobCatalog.EtsySync)]
    public Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "jobs/" + JobCatalog.EtsySync)] HttpRequestData request)
        => http.HandleAsync(request, "jobs/" + JobCatalog.EtsySync);

    [Function(JobCatalog.EtsySync + "-timer")]
    public Task RunOnScheduleAsync(
        [TimerTrigger(JobCatalog.EtsySyncSchedule, RunOnStartup = false, UseMonitor = true)] TimerInfo timer,
        FunctionContext context,
        CancellationToken cancellationToken)
        => jobTimer.RunAsync(JobCatalog.EtsySync, timer.IsPastDue, HttpAdapter.TraceOf(context), cancellationToken);
}
