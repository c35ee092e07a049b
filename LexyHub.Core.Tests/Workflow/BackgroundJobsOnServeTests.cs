using System.Text.Json;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Workflow;

[Collection(NativePostgresCollection.Name)]
public sealed class BackgroundJobsOnServeTests(NativePostgres postgres)
{
    [Fact]
    public async Task Run_AgainstServe_SucceedsAndIsRefusedWithAnotherToken()
    {
        await using var serve = await ServeProcess.StartAsync(await postgres.CreateDatabaseAsync(), WorkflowScript.Token);
        using var script = new WorkflowScript();
        using var refused = new WorkflowScript { Environment = { ["LEXYHUB_SERVICE_TOKEN"] = "another" } };

        var exitCode = await script.RunAsync(serve.Url, JobCatalog.TrendAggregation);
        var refusedExitCode = await refused.RunAsync(serve.Url, JobCatalog.TrendAggregation);

        Assert.True(exitCode == 0, script.Output);
        Assert.Equal("200", script.Log("trend-aggregation-1.status.txt"));
        using var answer = JsonDocument.Parse(script.Log("trend-aggregation-1.body.txt"));
        Assert.Equal("succeeded", answer.RootElement.GetProperty("status").GetString());
        Assert.Contains("| trend-aggregation | 1 | 200 | succeeded | 0 |", script.Summary, StringComparison.Ordinal);
        Assert.Equal(1, refusedExitCode);
        Assert.Contains("::error title=trend-aggregation%3A HTTP 401::trend-aggregation: A valid token is needed", refused.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SmokeTest_AgainstServe_Passes()
    {
        await using var serve = await ServeProcess.StartAsync(await postgres.CreateDatabaseAsync(), WorkflowScript.Token);
        using var script = new WorkflowScript { Name = "smoke-test.sh" };

        var exitCode = await script.RunAsync(serve.Url, "", serve.Url);

        Assert.True(exitCode == 0, script.Output);
    }
}
