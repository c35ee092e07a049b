using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Workflow;

namespace LexyHub.Core.Tests.Telemetry;

/// <summary>What leaves the process of <c>lexyhub</c> for Azure Monitor: the real exporter, against the ingestion endpoint of its connection string.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class AzureMonitorTests(NativePostgres postgres)
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";

    [Fact]
    public async Task Serve_RunAskedWithinATrace_SendsItsSpansAndLog()
    {
        await using var azure = await AzureMonitorReceiver.StartAsync();
        await using (var serve = await ServeProcess.StartAsync(await postgres.CreateDatabaseAsync(), "token", azure.Settings))
        {
            using var client = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{serve.Url}/api/jobs/{JobCatalog.TrendAggregation}")
            {
                Headers = { { "Authorization", "Bearer token" }, { "traceparent", $"00-{TraceId}-{CallersSpan}-01" } },
            };
            using var answer = await client.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode);
            await Eventually.TrueAsync(
                () => Task.FromResult(
                    azure.Of("RequestData").Any(item => item.ParentId == CallersSpan)
                    && azure.Of("MessageData").Any(item => item.Properties.ContainsKey("RunId"))),
                "spans and log arrive");
        }

        // The server's span is a request, the run within it a dependency of this process, as are its statements.
        var call = Assert.Single(azure.Of("RequestData"), item => item.ParentId == CallersSpan);
        Assert.Equal((TraceId, "200"), (call.OperationId, call.Base["responseCode"]!.ToString()));
        var run = Assert.Single(azure.Of("RequestData").Concat(azure.Of("RemoteDependencyData")), item => item.Name == $"run {JobCatalog.TrendAggregation}");
        Assert.Equal((TraceId, call.Id, "succeeded"), (run.OperationId, run.ParentId, run.Properties["lexyhub.run.status"]));
        Assert.Contains(azure.Of("RemoteDependencyData"), item => item.OperationId == TraceId && item.Base["type"]!.ToString() == "postgresql");

        var line = azure.Of("MessageData").First(item => item.Properties.ContainsKey("RunId"));
        Assert.Equal((JobCatalog.TrendAggregation, TraceId), (line.Properties["Job"], line.OperationId));
        Assert.Equal(run.Properties["lexyhub.run.id"], line.Properties["RunId"]);
        Assert.All(azure.Items, item => Assert.Equal(AzureMonitorReceiver.Key, item.InstrumentationKey));
    }

    // The exporter sends metrics once a minute, and when the process ends.
    [Fact]
    public async Task Run_Ended_HasSentItsMetrics()
    {
        await using var azure = await AzureMonitorReceiver.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var host = new CoreHost(database);
        await host.MigrateCoreAsync();

        Assert.Equal(0, await LexyHubProcess.RunAsync(["run", JobCatalog.TrendAggregation, "--database", database], azure.Settings));

        var runs = Assert.Single(azure.Of("MetricData"), item => item.MetricName == "lexyhub.job.runs");
        Assert.Equal((JobCatalog.TrendAggregation, "succeeded"), (runs.Properties["lexyhub.job.name"], runs.Properties["lexyhub.run.status"]));
        Assert.Equal(1d, (double)runs.Base["metrics"]![0]!["value"]!);
        Assert.Contains(azure.Of("MetricData"), item => item.MetricName == "lexyhub.job.time_since_success");
    }
}
