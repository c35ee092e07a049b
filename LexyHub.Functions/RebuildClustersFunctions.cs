using LexyHub.Core.Jobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>The triggers of <c>rebuild-clusters</c>. Anonymous to the host: the bearer token is checked by the endpoint.</summary>
public sealed class RebuildClustersFunctions(HttpAdapter http, JobTimer jobTimer)
{
    [Function(JobCatalog.RebuildClusters)]
    public Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "jobs/" + JobCatalog.RebuildClusters)] HttpRequestData request)
        => http.HandleAsync(request, "jobs/" + JobCatalog.RebuildClusters);

    [Function(JobCatalog.RebuildClusters + "-timer")]
    public Task RunOnScheduleAsync(
        [TimerTrigger(JobCatalog.RebuildClustersSchedule, RunOnStartup = false, UseMonitor = true)] TimerInfo timer,
        FunctionContext context,
        CancellationToken cancellationToken)
        => jobTimer.RunAsync(JobCatalog.RebuildClusters, timer.IsPastDue, HttpAdapter.TraceOf(context), cancellationToken);
}
