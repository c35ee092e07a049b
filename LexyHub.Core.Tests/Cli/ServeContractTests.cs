using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Cli;

/// <summary>The table of answers, row by row, over HTTP.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class ServeContractTests(NativePostgres postgres)
{
    [Fact]
    public async Task Post_Finished_Answers200WithCounts()
    {
        await using var served = await ServeAsync((_, _) => Task.FromResult(new JobOutcome
        {
            Processed = 7,
            Counts = new JsonObject { ["keywordsUpdated"] = 3, ["sources"] = new JsonObject { ["été"] = 1 } },
        }));

        var (status, text, response) = await served.SendAsync(HttpMethod.Post, $"/api/jobs/{JobCatalog.TrendAggregation}");

        var body = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(200, status);
        Assert.Equal(["job", "runId", "status", "processed", "failed", "remaining", "durationMs", "keywordsUpdated", "sources"], body.Select(pair => pair.Key));
        Assert.Equal(("succeeded", 7L, 3L), ((string)body["status"]!, (long)body["processed"]!, (long)body["keywordsUpdated"]!));
        Assert.Contains("été", text, StringComparison.Ordinal);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());

        var (runStatus, run, _) = await served.SendAsync(HttpMethod.Get, $"/api/jobs/runs/{body["runId"]}");
        Assert.Equal(200, runStatus);
        Assert.True(JsonNode.DeepEquals(body, JsonNode.Parse(run)!["answer"]));
    }

    [Fact]
    public async Task Post_StoppedEarly_Answers200Partial()
    {
        await using var served = await ServeAsync((_, _) => Task.FromResult(new JobOutcome { Processed = 5, Remaining = 4, Stopped = StopReason.Time }));

        var (status, body) = await served.PostJobAsync();

        Assert.Equal((200, "partial", "time", 4L), (status, (string)body["status"]!, (string)body["stopReason"]!, (long)body["remaining"]!));
        Assert.Empty(body["errors"]!.AsArray());
    }

    [Fact]
    public async Task Post_SomeItemsFailed_Answers200PartialWithTenErrors()
    {
        await using var served = await ServeAsync((_, _) => Task.FromResult(new JobOutcome
        {
            Processed = 5,
            Failed = 12,
            Errors = [.. Enumerable.Range(0, 12).Select(i => new ItemError($"term {i}", "too long"))],
        }));

        var (status, body) = await served.PostJobAsync();

        Assert.Equal((200, "failed-items", 12L), (status, (string)body["stopReason"]!, (long)body["failed"]!));
        Assert.Equal(10, body["errors"]!.AsArray().Count);
        Assert.Equal("""{"item":"term 0","error":"too long"}""", body["errors"]![0]!.ToJsonString());
    }

    [Fact]
    public async Task Post_NothingToDo_Answers200WithAMessage()
    {
        await using var served = await ServeAsync((_, _) => Task.FromResult(new JobOutcome { Message = "Nothing is due." }));

        var (status, body) = await served.PostJobAsync();

        Assert.Equal((200, "succeeded", 0L, "Nothing is due."), (status, (string)body["status"]!, (long)body["processed"]!, (string)body["message"]!));
    }

    [Fact]
    public async Task Post_WhileItRuns_Answers202WithThatRun()
    {
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        await using var served = await ServeAsync(async (_, token) =>
        {
            started.TrySetResult();
            await go.Task.WaitAsync(token);
            return new JobOutcome { Processed = 1 };
        });
        var first = served.PostJobAsync();
        await started.Task;

        var (status, body) = await served.PostJobAsync();

        go.SetResult();
        Assert.Equal((202, "already-running"), (status, (string)body["status"]!));
        Assert.Equal(["job", "status", "runId"], body.AsObject().Select(pair => pair.Key));
        Assert.Equal((string)(await first).Body["runId"]!, (string)body["runId"]!);
    }

    [Fact]
    public async Task Post_Skipped_Answers202()
    {
        await using var served = await ServeAsync((_, _) => Task.FromResult(new JobOutcome { Skipped = true, Message = "No credentials." }));

        var (status, body) = await served.PostJobAsync();

        Assert.Equal(202, status);
        Assert.Equal($$"""{"job":"{{JobCatalog.TrendAggregation}}","status":"skipped","message":"No credentials."}""", body.ToJsonString());
    }

    [Fact]
    public async Task Any_NoOrWrongToken_Answers401AlikeAndRunsNothing()
    {
        var runs = 0;
        await using var served = await ServeAsync((_, _) =>
        {
            runs++;
            return Task.FromResult(new JobOutcome());
        });
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Post, $"/api/jobs/{JobCatalog.TrendAggregation}"), (HttpMethod.Get, "/api/jobs"), (HttpMethod.Get, "/api/nowhere"),
            (HttpMethod.Get, $"/api/jobs/runs/{Guid.NewGuid()}"), (HttpMethod.Delete, "/api/jobs/unknown"),
        })
        {
            var missing = await served.SendAsync(method, path, token: null);
            var wrong = await served.SendAsync(method, path, token: CliHarness.Token + "x");

            Assert.Equal((401, 401), (missing.Status, wrong.Status));
            Assert.Equal(missing.Body, wrong.Body);
            Assert.NotNull(JsonNode.Parse(missing.Body)!["error"]);
            Assert.Equal("Bearer", missing.Response.Headers.WwwAuthenticate.ToString());
            Assert.Equal(Headers(missing.Response), Headers(wrong.Response));
        }

        Assert.Equal(0, runs);
        Assert.Equal(200, (await served.SendAsync(HttpMethod.Post, $"/api/jobs/{JobCatalog.TrendAggregation}", "an-older-token")).Status);
    }

    [Theory]
    [InlineData("/api/jobs/trend-agregation", "There is no job 'trend-agregation'")]
    [InlineData("/api/nowhere", "There is nothing here")]
    [InlineData("/api", "There is nothing here")]
    [InlineData("/", "There is nothing here")]
    public async Task Post_NoSuchPlace_Answers404InJson(string path, string error)
    {
        await using var served = await ServeAsync();

        var (status, body, response) = await served.SendAsync(HttpMethod.Post, path);

        Assert.Equal(404, status);
        Assert.StartsWith(error, (string)JsonNode.Parse(body)!["error"]!, StringComparison.Ordinal);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("GET", "/api/jobs/" + JobCatalog.TrendAggregation, "POST")]
    [InlineData("DELETE", "/api/jobs/" + JobCatalog.TrendAggregation, "POST")]
    [InlineData("POST", "/api/jobs", "GET")]
    [InlineData("PUT", "/api/health", "GET")]
    public async Task Send_WrongMethod_Answers405WithTheRightOne(string method, string path, string allowed)
    {
        await using var served = await ServeAsync();

        var (status, body, response) = await served.SendAsync(new HttpMethod(method), path);

        Assert.Equal(405, status);
        Assert.NotNull(JsonNode.Parse(body)!["error"]);
        Assert.Equal(allowed, response.Content.Headers.Allow.Single());
    }

    [Theory]
    [InlineData(500, "provider-not-configured")]
    [InlineData(503, "provider-unreachable")]
    [InlineData(502, "provider-refused")]
    public async Task Post_ProviderFails_AnswersWithItsStatusAndCode(int status, string code)
    {
        await using var served = await ServeAsync((_, _) => throw new JobException(code, status, "The provider says no; do this."));

        var (answered, body) = await served.PostJobAsync();

        Assert.Equal(status, answered);
        Assert.Equal(["error", "code", "job", "runId"], body.AsObject().Select(pair => pair.Key));
        Assert.Equal((code, "The provider says no; do this."), ((string)body["code"]!, (string)body["error"]!));
    }

    [Fact]
    public async Task Post_EveryItemFailed_Answers502()
    {
        await using var served = await ServeAsync((_, _) => Task.FromResult(new JobOutcome { Failed = 2, Errors = [new("a", "refused"), new("b", "refused")] }));

        var (status, body) = await served.PostJobAsync();

        Assert.Equal((502, "all-items-failed"), (status, (string)body["code"]!));
    }

    [Fact]
    public async Task Post_DatabaseNotMigrated_Answers500AndHealthIs503()
    {
        await using var served = await new CliHarness(await postgres.CreateDatabaseAsync()).ServeAsync("--no-timers");

        var (status, body) = await served.PostJobAsync();
        var (health, healthBody, _) = await served.SendAsync(HttpMethod.Get, "/api/health", token: null);

        Assert.Equal((500, "schema-not-migrated"), (status, (string)body["code"]!));
        Assert.Equal((503, """{"status":"unavailable"}"""), (health, healthBody));
    }

    [Fact]
    public async Task Post_DatabaseUnreachable_Answers503WithoutItsPassword()
    {
        var nobody = $"Host=127.0.0.1;Port={ChildProcess.FreePort()};Username=u;Password=hunter2-secret;Database=d;Timeout=5";
        await using var served = await new CliHarness(nobody).ServeAsync();

        var (status, body) = await served.PostJobAsync();

        Assert.Equal((503, "database-unreachable"), (status, (string)body["code"]!));
        Assert.DoesNotContain("hunter2", body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_HealthAndJobs_Answer()
    {
        await using var served = await ServeAsync();

        Assert.Equal((200, """{"status":"ok"}"""), await served.SendAsync(HttpMethod.Get, "/api/health", token: null) is var (status, body, _) ? (status, body) : default);
        var (listStatus, list, _) = await served.SendAsync(HttpMethod.Get, "/api/jobs");
        Assert.Equal(200, listStatus);
        Assert.Equal(JobCatalog.All.Select(job => job.Name), JsonNode.Parse(list)!["jobs"]!.AsArray().Select(job => (string)job!["name"]!));
        Assert.Equal(404, (await served.SendAsync(HttpMethod.Get, $"/api/jobs/runs/{Guid.NewGuid()}")).Status);
    }

    [Fact]
    public async Task Stop_WhileAJobRuns_AnswersPartialAndEndsWell()
    {
        var started = new TaskCompletionSource();
        await using var served = await ServeAsync(async (context, token) =>
        {
            started.SetResult();
            while (context.StopRequested is null)
            {
                await Task.Delay(5, token);
            }

            return new JobOutcome { Processed = 2, Remaining = 3, Stopped = context.StopRequested };
        });
        var call = served.PostJobAsync();
        await started.Task;

        var exitCode = await served.StopAsync();

        var (status, body) = await call;
        Assert.Equal((200, "partial", "shutdown"), (status, (string)body["status"]!, (string)body["stopReason"]!));
        Assert.Equal(0, exitCode);
    }

    private async Task<Served> ServeAsync(Func<JobContext, CancellationToken, Task<JobOutcome>>? job = null)
        => await (await new CliHarness(await postgres.CreateDatabaseAsync(), job).MigrateAsync()).ServeAsync("--no-timers");

    private static string Headers(HttpResponseMessage response)
        => string.Join('\n', response.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(',', header.Value)}"));
}
