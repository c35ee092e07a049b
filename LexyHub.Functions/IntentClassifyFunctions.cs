using LexyHub.Core.Jobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>The triggers of <c>intent-classify</c>. Anonymous to the host: the bearer token is checked by the endpoint.</summary>
public sealed class IntentClassifyFunctions(HttpAdapter http, JobTimer jobTimer)
{
    [Function(JobCatalog.IntentClassify)]
    public Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "jobs/" + JobCatalog.IntentClassify)] HttpRequestData request)
        => http.HandleAsync(request, "jobs/" + JobCatalog.IntentClassify);

    [Function(JobCatalog.IntentClassify + "-timer")]
    public Task RunOnScheduleAsync(
        [TimerTrigger(JobCatalog.IntentClassifySchedule, RunOnStartup = false, UseMonitor = true)] TimerInfo timer,
        FunctionContext context,
        CancellationToken cancellationToken)
        => jobTimer.RunAsync(JobCatalog.IntentClassify, timer.IsPastDue, HttpAdapter.TraceOf(context), cancellationToken);
}
