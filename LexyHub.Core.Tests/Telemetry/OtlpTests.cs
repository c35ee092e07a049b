using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Tests.Workflow;

namespace LexyHub.Core.Tests.Telemetry;

/// <summary>What leaves the process of <c>lexyhub</c>, over the wire.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class OtlpTests(NativePostgres postgres)
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";

    [Fact]
    public async Task Serve_RunAskedWithinATrace_SendsItsSpansMetricsAndLog()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var serve = await ServeProcess.StartAsync(await postgres.CreateDatabaseAsync(), "token", receiver.Settings);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{serve.Url}/api/jobs/{JobCatalog.TrendAggregation}")
        {
            Headers = { { "Authorization", "Bearer token" }, { "traceparent", $"00-{TraceId}-{CallersSpan}-01" } },
        };

        using var answer = await client.SendAsync(request);

        Assert.True(answer.IsSuccessStatusCode);
        await Eventually.TrueAsync(
            () => Task.FromResult(
                receiver.Spans.Any(span => span.TraceId == TraceId && span.ParentId == CallersSpan)
                && receiver.MetricNames.Contains("lexyhub.job.time_since_success")
                && receiver.LogAttributes.Any(log => log.ContainsKey("RunId"))),
            "spans, metrics and log arrive");
        var spans = receiver.Spans.Where(span => span.TraceId == TraceId).ToList();
        var server = Assert.Single(spans, span => span.ParentId == CallersSpan);
        var run = Assert.Single(spans, span => span.Name == $"run {JobCatalog.TrendAggregation}");
        Assert.Equal(server.SpanId, run.ParentId);
        Assert.Equal("succeeded", run.Attributes["lexyhub.run.status"]);
        Assert.Contains(spans, span => span.Attributes.GetValueOrDefault("db.system.name", span.Attributes.GetValueOrDefault("db.system", "")) == "postgresql");
        Assert.Subset(
            receiver.MetricNames.ToHashSet(),
            new HashSet<string> { "lexyhub.job.runs", "lexyhub.job.duration", "lexyhub.job.remaining", "lexyhub.job.paused", "lexyhub.job.time_since_success" });
        Assert.Contains(receiver.LogAttributes, log => log.GetValueOrDefault("Job") == JobCatalog.TrendAggregation && log.ContainsKey("Epoch"));
    }

    [Fact]
    public async Task Run_Ended_HasSentItsSpansAndMetrics()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var database = await MigratedAsync();

        var exitCode = await LexyHubProcess.RunAsync(
            ["run", JobCatalog.TrendAggregation, "--database", database],
            new Dictionary<string, string>(receiver.Settings) { ["OTEL_SERVICE_NAME"] = "nightly" });

        Assert.Equal(0, exitCode);
        Assert.Contains(receiver.Spans, span => span.Name == $"run {JobCatalog.TrendAggregation}");
        Assert.Contains("lexyhub.job.runs", receiver.MetricNames);
        Assert.Contains("lexyhub.job.time_since_success", receiver.MetricNames);
        Assert.Contains("nightly", receiver.AllText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ReceiverIsNotThere_EndsAllTheSame()
    {
        var exitCode = await LexyHubProcess.RunAsync(
            ["run", JobCatalog.TrendAggregation, "--database", await MigratedAsync()],
            new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{ChildProcess.FreePort()}" });

        Assert.Equal(0, exitCode);
    }

    private async Task<string> MigratedAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var host = new CoreHost(database);
        await host.MigrateCoreAsync();
        return database;
    }
}
