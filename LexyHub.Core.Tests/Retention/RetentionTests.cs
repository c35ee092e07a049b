using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Retention;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LexyHub.Core.Tests.Retention;

[Collection(NativePostgresCollection.Name)]
public sealed class RetentionTests(NativePostgres postgres)
{
    private const string Job = JobCatalog.TrendAggregation;

    // 250 old runs a minute apart, the oldest of which alone succeeded; 50 of LexyHub's own; one that runs.
    private const string RunsSql = $$"""
        insert into job_runs (id, job_name, status, started_at)
        select gen_random_uuid(), '{{Job}}', case when i = 1 then 'succeeded' else 'failed' end, now() - interval '500 days' + i * interval '1 minute'
        from generate_series(1, 250) i;
        insert into job_runs (job_name, status, started_at) select 'of-lexyhub', 'failed', now() - interval '900 days' from generate_series(1, 50);
        insert into job_runs (job_name, status, started_at) values ('{{Job}}', 'running', now() - interval '600 days');
        insert into lexyhub_jobs.run_answers (run_id, job, status_code, body, created_at)
        select id, job_name, 502, '{}', started_at from job_runs where job_name = '{{Job}}' and status <> 'running'
        """;

    private const string SignalsSql = """
        insert into lexyhub_jobs.signals (term, source, recorded_on, value)
        select 'term ' || lpad(i::text, 4, '0'), 'reddit', current_date - d, 1 from generate_series(1, 30) i, unnest(array[1, 1199, 1201, 3000]) d
        """;

    [Fact]
    public async Task PruneAsync_OldRuns_GoButForTheNewestHundredTheLastSuccessAndOthersRuns()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(RunsSql);

        var results = await PruneAsync(host);

        // The newest hundred of all its runs, and the success.
        Assert.Equal(150 - 1, results.Single(result => result.Name == "runs").Rows);
        Assert.Equal(100, await host.QueryAsync<long>($"select count(*) from job_runs where job_name = '{Job}' and status = 'failed'"));
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from job_runs where status = 'succeeded'"));
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from job_runs where status = 'running'"));
        Assert.Equal(50, await host.QueryAsync<long>("select count(*) from job_runs where job_name = 'of-lexyhub'"));
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.run_answers"));
    }

    [Fact]
    public async Task PruneAsync_AnswersAndKeys_GoByTheirOwnAge()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("""
            insert into lexyhub_jobs.run_answers (run_id, job, idempotency_key, status_code, body, created_at)
            select gen_random_uuid(), 'a', age, 200, '{}', now() - age::interval from unnest(array['1 hour', '6 days', '8 days', '89 days', '91 days']) age
            """);

        await PruneAsync(host);

        Assert.Equal("1 hour,6 days", await host.QueryAsync<string>("select string_agg(idempotency_key, ',' order by created_at desc) from lexyhub_jobs.run_answers"));
        Assert.Equal(4, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.run_answers"));
    }

    [Fact]
    public async Task PruneAsync_SignalsAndQuarantine_GoWhereTheyAreOld()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(SignalsSql);
        await host.ExecuteAsync("""
            insert into lexyhub_jobs.keyword_terms (keyword_id, term) values (gen_random_uuid(), 'there');
            insert into lexyhub_jobs.embedding_quarantine (kind, item, model, text_hash, reason, attempts, first_at, last_at)
            select 'keyword', item, 'm', 'h', 'r', 1, now(), now() - age::interval
            from (values ('there', '99 days'), ('gone', '29 days'), ('long gone', '31 days')) as v (item, age);
            insert into keywords (term) values ('there');
            update lexyhub_jobs.keyword_terms set term = 'there' where term is null;
            insert into lexyhub_jobs.intent_quarantine (kind, item_id, model, content_hash, reason, attempts, first_at, last_at)
            select kind, coalesce((select id from keywords where term = item), gen_random_uuid()), 'm', 'h', 'r', 1, now(), now() - age::interval
            from (values ('keyword', 'there', '99 days'), ('keyword', 'gone', '29 days'), ('keyword', 'long gone', '31 days'), ('listing', 'long gone', '31 days'))
                as v (kind, item, age)
            """);

        var results = await PruneAsync(host);

        Assert.Equal(60, results.Single(result => result.Name == "signals").Rows);
        Assert.Equal(60, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.signals where recorded_on >= current_date - 1199"));
        Assert.Equal(2, results.Single(result => result.Name == "intent-quarantine").Rows);
        Assert.Equal("gone,there", await host.QueryAsync<string>("select string_agg(item, ',' order by item) from lexyhub_jobs.embedding_quarantine"));
    }

    [Fact]
    public async Task PruneAsync_DryRun_CountsTheSameAndChangesNothing()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(RunsSql);
        await host.ExecuteAsync(SignalsSql);

        var dry = await PruneAsync(host, isDryRun: true);

        Assert.Equal(301, await host.QueryAsync<long>("select count(*) from job_runs"));
        Assert.Equal(120, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.signals"));
        Assert.Equal(dry.Select(result => (result.Name, result.Rows)), (await PruneAsync(host)).Select(result => (result.Name, result.Rows)));
    }

    [Fact]
    public async Task RunAsync_OnceADay_RemovesWhatIsOld()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await HostAsync(time);
        await host.ExecuteAsync(SignalsSql);

        var answer = await host.RunAsync();

        Assert.Equal((RunStatus.Succeeded, 60), (answer.Status, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.signals")));
        Assert.Equal(3, await host.QueryAsync<int>("select records_processed from job_runs"));
        await host.ExecuteAsync(SignalsSql + " on conflict do nothing");
        await host.RunAsync();
        Assert.Equal(120, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.signals"));
        time.Advance(TimeSpan.FromDays(1));
        await host.RunAsync();
        Assert.Equal(60, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.signals"));
    }

    [Fact]
    public async Task RunAsync_AfterARunThatRanOutOfTime_GoesOnFromThere()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(SignalsSql);
        var place = new JsonObject { ["Term"] = "term 0010", ["Source"] = "reddit", ["Day"] = "9999-12-31" }.ToJsonString();
        await host.ExecuteAsync($"""
            insert into lexyhub_jobs.job_state (name, value) values ('retention', jsonb_build_object(
                'day', (now() at time zone 'UTC')::date::text, 'target', 7, 'place', '{place}', 'rows', 0))
            """);

        await host.RunAsync();

        Assert.Equal(10 * 2, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.signals where recorded_on < current_date - 1200"));
    }

    [Fact]
    public async Task RunAsync_OneKindCannotBeRemoved_RemovesTheOthersAndSucceeds()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync(SignalsSql);
        await host.ExecuteAsync("""
            create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end';
            create trigger refuse before delete or update on lexyhub_jobs.run_answers for each row when (old.created_at < now() - interval '1 day') execute function refuse();
            insert into lexyhub_jobs.run_answers (run_id, job, created_at) values (gen_random_uuid(), 'a', now() - interval '1000 days')
            """);

        var answer = await host.RunAsync();

        Assert.Equal((RunStatus.Succeeded, 60), (answer.Status, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.signals")));
    }

    [Fact]
    public async Task RunAsync_RetentionIsOff_RemovesNothing()
    {
        await using var host = await HostAsync(settings: new() { ["Retention:Enabled"] = "false" });
        await host.ExecuteAsync(SignalsSql);

        await host.RunAsync();

        Assert.Equal(120, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.signals"));
    }

    [Fact]
    public void Options_SignalsShorterThanTheHistoryThatIsRead_AreRefused()
    {
        using var services = JobHost.Create("Host=none", new Dictionary<string, string?> { ["Retention:Signals"] = "100.00:00:00" }).Services;

        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<RetentionOptions>>().Value);

        Assert.Contains("Retention:Signals (100 days) must be at least Trends:HistoryDays (800)", refused.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<RetentionResult>> PruneAsync(JobHost host, bool isDryRun = false)
        => host.Services.GetRequiredService<RetentionPruner>().PruneAsync(isDryRun, null, CancellationToken.None);

    private async Task<JobHost> HostAsync(TimeProvider? time = null, Dictionary<string, string?>? settings = null)
        => await JobHost.Create(
            await postgres.CreateDatabaseAsync(), settings, (_, _) => Task.FromResult(new JobOutcome { Processed = 3 }), time).MigrateAsync();
}
