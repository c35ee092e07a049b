using LexyHub.Core.Jobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace LexyHub.Functions;

/// <summary>The triggers of <c>trend-aggregation</c>. Anonymous to the host: the bearer token is checked by the endpoint.</summary>
public sealed class TrendAggregationFunctions(HttpAdapter http, JobTimer jobTimer)
{
    [Function(JobCatalog.TrendAggregation)]
    public Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "jobs/" + JobCatalog.TrendAggregation)] HttpRequestData request)
        => http.HandleAsync(request, "jobs/" + JobCatalog.TrendAggregation);

    [Function(JobCatalog.TrendAggregation + "-timer")]
    public Task RunOnScheduleAsync(
        [TimerTrigger(JobCatalog.TrendAggregationSchedule, RunOnStartup = false, UseMonitor = true)] TimerInfo timer,
        FunctionContext context,
        CancellationToken cancellationToken)
        => jobTimer.RunAsync(JobCatalog.TrendAggregation, timer.IsPastDue, HttpAdapter.TraceOf(context), cancellationToken);
}
