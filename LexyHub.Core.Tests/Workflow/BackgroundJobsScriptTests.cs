using static LexyHub.Core.Tests.Workflow.ScriptedApp;

namespace LexyHub.Core.Tests.Workflow;

public sealed class BackgroundJobsScriptTests : IDisposable
{
    private static readonly Answer Succeeded = new(200, """{"job":"a","runId":"1","status":"succeeded","processed":3,"failed":0,"remaining":0,"durationMs":5}""");
    private static readonly Answer OutOfTime = new(200, """{"job":"a","status":"partial","stopReason":"time","processed":3,"failed":0,"remaining":7,"errors":[]}""");

    private readonly WorkflowScript script = new();

    public void Dispose() => script.Dispose();

    [Fact]
    public async Task Run_EveryJobSucceeds_PostsEachOnceAndKeepsItsAnswer()
    {
        await using var app = await ScriptedApp.StartAsync(("first", [Succeeded]), ("second", [Succeeded]));

        var exitCode = await script.RunAsync(app.Url + "/", "first second");

        Assert.True(exitCode == 0, script.Output);
        Assert.Equal(
            [
                new Call("first", "POST", $"Bearer {WorkflowScript.Token}", "4711-2-first-1"),
                new Call("second", "POST", $"Bearer {WorkflowScript.Token}", "4711-2-second-1"),
            ],
            app.Calls);
        Assert.Equal(["first-1.body.txt", "first-1.status.txt", "second-1.body.txt", "second-1.status.txt"], script.LogNames());
        Assert.Equal("200", script.Log("first-1.status.txt"));
        Assert.Equal(Succeeded.Body, script.Log("first-1.body.txt"));
        Assert.Contains("| second | 1 | 200 | succeeded | 3 | 0 | 0 |", script.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("::error", script.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OneAnswers500_RunsTheOthersAndFailsAtTheEndNamingItAndItsError()
    {
        var failed = new Answer(500, """{"error":"No database is configured.\nSet it: 100%, now.","code":"database-not-configured","job":"first","runId":null}""");
        await using var app = await ScriptedApp.StartAsync(("first", [failed]), ("second", [Succeeded]));

        var exitCode = await script.RunAsync(app.Url, "first second");

        Assert.Equal(1, exitCode);
        Assert.Equal(["first", "second"], app.Calls.Select(call => call.Job));
        Assert.Equal("500", script.Log("first-1.status.txt"));
        Assert.Equal(failed.Body, script.Log("first-1.body.txt"));
        Assert.Contains("::error title=first%3A HTTP 500::first: No database is configured. Set it: 100%25, now.\n", script.Output, StringComparison.Ordinal);
        Assert.Contains("Failed: first\n", script.Output, StringComparison.Ordinal);
        Assert.Contains("| first | 1 | 500 |", script.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TokenRefused_FailsWithTheErrorOfThe401()
    {
        await using var app = await ScriptedApp.StartAsync(("first", [new Answer(401, """{"error":"A valid token is needed."}""")]));

        Assert.Equal(1, await script.RunAsync(app.Url, "first"));

        Assert.Contains("::error title=first%3A HTTP 401::first: A valid token is needed.\n", script.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NothingListens_FailsWithCurlsReasonAndWithoutTheHost()
    {
        string url;
        await using (var app = await ScriptedApp.StartAsync())
        {
            url = app.Url;
        }

        Assert.Equal(1, await script.RunAsync(url, "first second"));

        Assert.Matches(@"::error title=first%3A HTTP 000::first: no answer\. curl: \(7\) Failed to connect to the app port \d+", script.Output);
        Assert.Equal("000", script.Log("second-1.status.txt"));
        Assert.DoesNotContain("127.0.0.1", script.Everything(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PartialForLackOfTime_CallsAgainUntilDoneWithAKeyPerCall()
    {
        await using var app = await ScriptedApp.StartAsync(("first", [OutOfTime, OutOfTime, Succeeded]));

        Assert.Equal(0, await script.RunAsync(app.Url, "first"));

        Assert.Equal(["4711-2-first-1", "4711-2-first-2", "4711-2-first-3"], app.Calls.Select(call => call.IdempotencyKey));
        Assert.Equal(OutOfTime.Body, script.Log("first-2.body.txt"));
        Assert.Equal(Succeeded.Body, script.Log("first-3.body.txt"));
    }

    [Fact]
    public async Task Run_NeverDone_StopsAtTheBoundWithAWarning()
    {
        await using var app = await ScriptedApp.StartAsync(("first", [OutOfTime]));
        script.Environment["MAX_CALLS"] = "3";

        Assert.Equal(0, await script.RunAsync(app.Url, "first"));

        Assert.Equal(3, app.Calls.Count);
        Assert.Contains("::warning title=first%3A partial::first has more to do after 3 calls", script.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cap")]
    [InlineData("rate-limit")]
    [InlineData("shutdown")]
    [InlineData("failed-items")]
    public async Task Run_PartialForAnotherReason_IsNotRepeated(string reason)
    {
        var answer = new Answer(200, $$"""{"status":"partial","stopReason":"{{reason}}","errors":[{"item":"mug","error":"too long"}]}""");
        await using var app = await ScriptedApp.StartAsync(("first", [answer]));

        Assert.Equal(0, await script.RunAsync(app.Url, "first"));

        Assert.Single(app.Calls);
        Assert.Contains($"::warning title=first%3A partial::first stopped early ({reason}). too long", script.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"job":"first","status":"already-running","runId":"7"}""")]
    [InlineData("""{"job":"first","status":"skipped","message":"No credentials."}""")]
    public async Task Run_Answers202_IsNoFailure(string body)
    {
        await using var app = await ScriptedApp.StartAsync(("first", [new Answer(202, body)]));

        Assert.Equal(0, await script.RunAsync(app.Url, "first"));

        Assert.Single(app.Calls);
    }

    [Theory]
    [InlineData(503, "<html>\n::error title=x::<h1>Service Unavailable</h1></html>", "first: the answer has no \"error\"")]
    [InlineData(502, "", "first: the answer has no \"error\"")]
    [InlineData(500, "[1,2]", "first: the answer has no \"error\"")]
    [InlineData(200, "<html>Your app is up and running</html>", "first: the answer is not that of a job")]
    [InlineData(302, "", "first: the answer has no \"error\"")]
    public async Task Run_AnswerThatIsNoJobs_FailsAndKeepsIt(int status, string body, string annotation)
    {
        await using var app = await ScriptedApp.StartAsync(("first", [new Answer(status, body)]));

        Assert.Equal(1, await script.RunAsync(app.Url, "first"));

        Assert.Contains($"::error title=first%3A HTTP {status}::{annotation}", script.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("title=x", script.Output, StringComparison.Ordinal);
        Assert.Equal(body, script.Log("first-1.body.txt"));
    }

    [Fact]
    public async Task Run_WhateverIsAnswered_TheTokenIsNowhereToBeSeen()
    {
        await using var app = await ScriptedApp.StartAsync(("good", [Succeeded]), ("bad", [new Answer(500, "{}")]));
        script.Environment["LEXYHUB_SERVICE_TOKEN"] = $" {WorkflowScript.Token} ,the-next-one\n";

        Assert.Equal(1, await script.RunAsync(app.Url, "good bad"));

        Assert.All(app.Calls, call => Assert.Equal($"Bearer {WorkflowScript.Token}", call.Authorization));
        Assert.DoesNotContain(WorkflowScript.Token, script.Everything(), StringComparison.Ordinal);
        Assert.DoesNotContain("the-next-one", script.Everything(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TokenAndAddress_AreNotAmongCurlsArguments()
    {
        await using var app = await ScriptedApp.StartAsync(("first", [Succeeded]));
        script.RecordArgumentsOf("curl");

        Assert.Equal(0, await script.RunAsync(app.Url, "first"));

        Assert.Contains("--max-time 240", script.RecordedArguments, StringComparison.Ordinal);
        Assert.DoesNotContain(WorkflowScript.Token, script.RecordedArguments, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Url, script.RecordedArguments, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnGitHub_MasksWhatItTookOutOfTheSecrets()
    {
        await using var app = await ScriptedApp.StartAsync(("first", [Succeeded]));
        script.Environment["GITHUB_ACTIONS"] = "true";

        Assert.Equal(0, await script.RunAsync(app.Url, "first"));

        var lines = script.Output.Split('\n');
        Assert.Equal([$"::add-mask::{WorkflowScript.Token}", "::add-mask::127.0.0.1"], lines[..2]);
        Assert.DoesNotContain(WorkflowScript.Token, string.Concat(lines[2..]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "t", "first", "LEXYHUB_APP_URL is not set")]
    [InlineData("http://example.com", "t", "first", "LEXYHUB_APP_URL must begin with https://")]
    [InlineData("https://example.com", null, "first", "LEXYHUB_SERVICE_TOKEN is not set")]
    [InlineData("https://example.com", " , ", "first", "LEXYHUB_SERVICE_TOKEN is blank")]
    [InlineData("https://example.com", "t", " ", "JOB_ENDPOINTS must be names of jobs")]
    [InlineData("https://example.com", "t", "first ../admin", "JOB_ENDPOINTS must be names of jobs")]
    public async Task Run_SettingMissingOrWrong_SaysWhichBeforeAnyCall(string? url, string? token, string endpoints, string annotation)
    {
        script.Environment["LEXYHUB_SERVICE_TOKEN"] = token;

        Assert.Equal(1, await script.RunAsync(url, endpoints));

        Assert.StartsWith($"::error title=Background jobs::{annotation}", script.Output, StringComparison.Ordinal);
    }
}
