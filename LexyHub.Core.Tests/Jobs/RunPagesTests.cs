using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Cli;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Jobs;

/// <summary><c>GET /api/jobs/{name}/runs</c>, and what a run's row tells of its stages.</summary>
[Collection(NativePostgresCollection.Name)]
public sealed class RunPagesTests(NativePostgres postgres)
{
    private const string Path = $"/api/jobs/{JobCatalog.TrendAggregation}/runs";

    [Fact]
    public async Task Get_PageAfterPage_ShowsEveryRunOnceNewestFirst()
    {
        var database = await postgres.CreateDatabaseAsync();
        var harness = await new CliHarness(database).MigrateAsync();

        // Three runs at each instant: the order between them must hold from page to page too.
        await Sql.ExecuteAsync(database, """
            insert into job_runs (job_name, status, started_at, finished_at, metadata)
            select 'trend-aggregation', case when i % 10 = 0 then 'failed' else 'succeeded' end,
                timestamptz '2026-03-01 00:00Z' + i / 3 * interval '1 minute', timestamptz '2026-03-01 00:00:02Z' + i / 3 * interval '1 minute',
                case i % 3 when 0 then '{"failed":2}'::jsonb when 1 then '[]' else '{}' end
            from generate_series(1, 100) i;
            """);
        await using var served = await harness.ServeAsync("--no-timers");

        var seen = new List<(string Id, DateTimeOffset StartedAt)>();
        for (var before = ""; before is not null;)
        {
            var page = await GetAsync(served, $"{Path}?limit=7{(before.Length > 0 ? $"&before={Uri.EscapeDataString(before)}" : "")}");
            seen.AddRange(page["runs"]!.AsArray().Select(run => ((string)run!["runId"]!, (DateTimeOffset)run["startedAt"]!)));
            before = (string?)page["next"];
        }

        Assert.Equal(100, seen.DistinctBy(run => run.Id).Count());
        Assert.Equal(100, seen.Count);
        Assert.Equal(seen.OrderByDescending(run => run.StartedAt).Select(run => run.StartedAt), seen.Select(run => run.StartedAt));
        Assert.Equal(10, (await GetAsync(served, $"{Path}?status=failed"))["runs"]!.AsArray().Count);
        var earlier = await GetAsync(served, $"{Path}?before=2026-03-01T00:10:00Z&limit=1");
        Assert.Equal(DateTimeOffset.Parse("2026-03-01T00:09:00Z", null), (DateTimeOffset)earlier["runs"]![0]!["startedAt"]!);
        Assert.Equal(2_000, (int)earlier["runs"]![0]!["durationMs"]!);
    }

    [Theory]
    [InlineData("limit=0", "limit must be a whole number from 1 to 200.")]
    [InlineData("limit=201", "limit must be a whole number from 1 to 200.")]
    [InlineData("limit=ten", "limit must be a whole number from 1 to 200.")]
    [InlineData("status=fine", "status must be one of running, succeeded, partial, failed, skipped, abandoned.")]
    [InlineData("before=yesterday", "before must be the 'next' of the page before, or an instant such as 2026-03-01T00:15:00Z.")]
    public async Task Get_ParameterThatIsNoGood_Answers400WithWhatItMayBe(string query, string error)
    {
        await using var served = await (await new CliHarness(await postgres.CreateDatabaseAsync()).MigrateAsync()).ServeAsync("--no-timers");

        var (status, body, _) = await served.SendAsync(HttpMethod.Get, $"{Path}?{query}");

        Assert.Equal((400, error), (status, (string)JsonNode.Parse(body)!["error"]!));
    }

    [Fact]
    public async Task Post_JobWithStages_KeepsHowLongEachTook()
    {
        var harness = await new CliHarness(await postgres.CreateDatabaseAsync(), async (context, token) =>
        {
            context.BeginStage("reading");
            await using var transaction = await context.BeginWriteAsync(token);
            await transaction.CommitAsync(new JobProgress("writing", 3), token);
            return new JobOutcome { Processed = 3, Failed = 1, Errors = [new("gold hoop", "refused")] };
        }).MigrateAsync();
        await using var served = await harness.ServeAsync("--no-timers");

        var (_, answer) = await served.PostJobAsync();

        var run = await GetAsync(served, $"/api/jobs/runs/{answer["runId"]}");
        Assert.Equal(
            ["reading", "writing", "removing what is too old"],
            run["stages"]!.AsArray().Select(stage => (string)stage!["stage"]!).Where(stage => stage != "starting"));
        Assert.Equal("""[{"item":"gold hoop","error":"refused"}]""", run["errors"]!.ToJsonString());
        Assert.Equal(("http", 1L, "failed-items"), ((string)run["trigger"]!, (long)run["failed"]!, (string)run["answer"]!["stopReason"]!));
        var job = (await GetAsync(served, "/api/jobs"))["jobs"]!.AsArray().Single(job => (string?)job!["name"] == JobCatalog.TrendAggregation)!;
        Assert.Equal(("healthy", 1), ((string)job["state"]!, job["runs"]!.AsArray().Count));
    }

    private static async Task<JsonNode> GetAsync(Served served, string path)
    {
        var (status, body, _) = await served.SendAsync(HttpMethod.Get, path);
        Assert.Equal(200, status);
        return JsonNode.Parse(body)!;
    }
}
