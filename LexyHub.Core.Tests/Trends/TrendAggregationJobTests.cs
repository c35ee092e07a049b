using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace LexyHub.Core.Tests.Trends;

[Collection(NativePostgresCollection.Name)]
public sealed class TrendAggregationJobTests(NativePostgres postgres)
{
    private static readonly DateOnly Today = new(2026, 3, 20);

    // What the database wrote, and when: a row that is written again gets another xmin.
    private const string Versions = """
        select md5(string_agg(v, ',' order by v)) from (
            select 'k' || xmin || id as v from keywords union all
            select 's' || xmin || term || source || recorded_on from trend_series union all
            select 't' || xmin || term from lexyhub_jobs.term_trends) as versions
        """;

    private readonly FakeTimeProvider time = new(new DateTimeOffset(Today, new TimeOnly(0, 15), TimeSpan.Zero));

    [Fact]
    public async Task RunAsync_PushedSignals_FillsSeriesAndMomentumAsTheFormulasSay()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("""
            insert into keywords (term, market, extras) values
                ('Gold  Hoop Earrings', 'us', '{"intent": "purchase", "trend": {"momentum": 9}}'), ('gold hoop earrings', 'uk', '[1, 2]'), ('wool scarf', 'us', '{}');
            """);
        Reading[] history = [.. Enumerable.Range(0, 9).Select(week => new Reading(Today.AddDays(-1 - 7 * (8 - week)), 20 + 5 * week))];
        await LandAsync(host, SignalScale.Index, [.. history.Select(reading => ("gold hoop earrings", reading.Day, reading.Value))]);

        var answer = await host.RunAsync();

        var scale = new SourceScale("pushed", SignalScale.Index, 100);
        var points = new SeriesPoint[history.Length];
        TrendMomentum.EvaluateSeries(history, scale, 0, points);
        var expected = TrendMomentum.Combine([TrendMomentum.EvaluateSource(history, scale, Today)], SourceMedians.None);
        Assert.Equal((200, "succeeded", 9L, 2L), (answer.StatusCode, answer.Status, (long)answer.Body["processed"]!, (long)answer.Body["keywordsUpdated"]!));
        Assert.Equal(9, (long)answer.Body["sources"]!["signals"]!["signals"]!);
        Assert.Equal(
            string.Join(' ', points.Select(p => $"{p.Day:yyyy-MM-dd}:{Numeric(p.Score)}:{Numeric(p.Velocity)}:{Numeric(p.ExpectedGrowth30d)}")),
            await host.QueryAsync<string>("""
                select string_agg(format('%s:%s:%s:%s', recorded_on, trend_score, velocity, expected_growth_30d), ' ' order by recorded_on)
                from trend_series where term = 'gold hoop earrings' and source = 'pushed'
                """));
        Assert.Equal(
            $"uk {expected.Momentum:0.000}, us {expected.Momentum:0.000}",
            await host.QueryAsync<string>("select string_agg(market || ' ' || trend_momentum, ', ' order by market) from keywords where trend_momentum is not null"));
        var extras = JsonNode.Parse(await host.QueryAsync<string>("select extras::text from keywords where market = 'us' and term like 'Gold%'"))!;
        Assert.Equal("purchase", (string?)extras["intent"]);
        Assert.Equal(
            ["confidence", "contributors", "expectedGrowth30d", "momentum", "surge", "updatedAt"],
            extras["trend"]!.AsObject().Select(property => property.Key).Order());
        Assert.Equal("object", await host.QueryAsync<string>("select jsonb_typeof(extras) from keywords where market = 'uk'"));
    }

    [Fact]
    public async Task RunAsync_SecondRunOfTheDay_WritesNothing()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) select 'term ' || i from generate_series(1, 300) i");
        await LandAsync(host, SignalScale.Count, [.. Enumerable.Range(1, 300).SelectMany(i => new[] { ($"term {i}", Today.AddDays(-8), i * 3.0), ($"term {i}", Today.AddDays(-1), i * 4.0) })]);
        await host.RunAsync();
        var versions = await host.QueryAsync<string>(Versions);

        time.Advance(TimeSpan.FromHours(6));
        var answer = await host.RunAsync();

        Assert.Equal(("succeeded", 0L, 0L), (answer.Status, (long)answer.Body["processed"]!, (long)answer.Body["keywordsUpdated"]!));
        Assert.NotNull(answer.Body["message"]);
        Assert.Equal(versions, await host.QueryAsync<string>(Versions));
    }

    [Fact]
    public async Task RunAsync_SignalsStopped_MomentumFallsDayByDayToZeroAndThenIsLeftAlone()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('wool scarf')");
        await LandAsync(host, SignalScale.Index, [.. Enumerable.Range(1, 5).Select(week => ("wool scarf", Today.AddDays(-7 * week + 6), 80.0))]);
        await host.RunAsync();

        var momenta = new List<decimal> { await MomentumAsync(host) };
        for (var day = 0; day < 120 && momenta[^1] > 0; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            await host.RunAsync();
            momenta.Add(await MomentumAsync(host));
        }

        Assert.True(momenta[0] > 0.3m);
        Assert.Equal(momenta[0], momenta[5]);
        Assert.Equal(momenta.OrderDescending(), momenta);
        Assert.Equal(0, momenta[^1]);
        var versions = await host.QueryAsync<string>(Versions);
        time.Advance(TimeSpan.FromDays(30));
        await host.RunAsync();
        Assert.Equal(versions, await host.QueryAsync<string>(Versions));
    }

    [Fact]
    public async Task RunAsync_BudgetOfOneBatch_IsPartialWithTheRightRemainingAndTheNextRunGoesOn()
    {
        await using var host = await HostAsync(settings: new() { ["Trends:BatchReadings"] = "2000" });
        await LandAsync(host, SignalScale.Index, [.. Enumerable.Range(1, 5_000).Select(i => ($"term {i}", Today.AddDays(-1), 50.0))]);
        var request = new RunRequest(JobCatalog.TrendAggregation, RunTrigger.Http)
        {
            Progress = new Callback(progress =>
            {
                if (progress.Stage == "aggregating")
                {
                    time.Advance(TimeSpan.FromSeconds(200));
                }
            }),
        };

        var first = await host.RunAsync(request);
        Assert.Equal(("partial", "time", 2_000L, 3_000L), (first.Status, (string)first.Body["stopReason"]!, (long)first.Body["processed"]!, (long)first.Body["remaining"]!));
        Assert.Equal(2_000, await host.QueryAsync<long>("select count(*) from trend_series"));

        var second = await host.RunAsync();
        Assert.Equal(("succeeded", 3_000L, 0L), (second.Status, (long)second.Body["processed"]!, (long)second.Body["remaining"]!));
        Assert.Equal(5_000, await host.QueryAsync<long>("select count(*) from trend_series"));
    }

    [Fact]
    public async Task RunAsync_OneSourceFails_KeepsTheOthersAndWhatItBroughtBefore()
    {
        await using var host = await HostAsync(services =>
        {
            services.AddSingleton<ITrendSource>(new ScriptedSource("good", [[("wool scarf", Today.AddDays(-1), 40)]]));
            services.AddSingleton<ITrendSource>(new ScriptedSource("bad", [[("wool scarf", Today.AddDays(-2), 70)]], "It answered 503; try later."));
        });

        var answer = await host.RunAsync();

        Assert.Equal((200, "partial", "failed-items", 1L), (answer.StatusCode, answer.Status, (string)answer.Body["stopReason"]!, (long)answer.Body["failed"]!));
        Assert.Equal("It answered 503; try later.", (string?)answer.Body["sources"]!["bad"]!["error"]);
        Assert.Equal(1, (long)answer.Body["sources"]!["good"]!["signals"]!);
        Assert.Equal("not-configured", (string?)answer.Body["sources"]!["google-trends"]!["status"]);
        Assert.Equal("bad,good", await host.QueryAsync<string>("select string_agg(source, ',' order by source) from trend_series"));
    }

    [Fact]
    public async Task RunAsync_OneSourceFailsAndTheOthersHaveNothingNew_IsPartial()
    {
        await using var host = await HostAsync(services => services.AddSingleton<ITrendSource>(new ScriptedSource("bad", [], "It answered 503; try later.")));

        var answer = await host.RunAsync();

        Assert.Equal((200, "partial", 1L), (answer.StatusCode, answer.Status, (long)answer.Body["failed"]!));
    }

    [Fact]
    public async Task RunAsync_AllConfiguredSourcesFail_FailsTheRun()
    {
        await using var host = await HostAsync(
            services => services.AddSingleton<ITrendSource>(new ScriptedSource("bad", [], "It answered 401; renew the token.")),
            new() { ["Trends:Synthetic:Enabled"] = "false" });

        var answer = await host.RunAsync();

        Assert.Equal((502, "all-sources-failed"), (answer.StatusCode, (string?)answer.Body["code"]));
        Assert.Contains("bad: It answered 401; renew the token.", (string?)answer.Body["error"], StringComparison.Ordinal);
        Assert.Equal("failed", await host.QueryAsync<string>("select status from job_runs"));
    }

    [Fact]
    public async Task RunAsync_KeywordJoinsATermWithATrend_IsGivenItsMomentum()
    {
        await using var host = await HostAsync();
        await LandAsync(host, SignalScale.Index, [("wool scarf", Today.AddDays(-1), 60)]);
        await host.RunAsync();

        await host.ExecuteAsync("insert into keywords (term) values ('WOOL scarf')");
        var answer = await host.RunAsync();

        Assert.Equal((0L, 1L), ((long)answer.Body["processed"]!, (long)answer.Body["keywordsUpdated"]!));
        Assert.True(await MomentumAsync(host) > 0);
    }

    [Fact]
    public async Task RunAsync_KeywordRenamed_LosesTheTrendOfItsOldTerm()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into keywords (term) values ('wool scarf'), ('silk scarf')");
        await LandAsync(host, SignalScale.Index, [("wool scarf", Today.AddDays(-1), 60)]);
        await host.RunAsync();
        Assert.True(await MomentumAsync(host) > 0);

        await host.ExecuteAsync("update keywords set term = 'linen scarf' where term = 'wool scarf'; update keywords set term = 'silk shawl' where term = 'silk scarf'");
        await host.RunAsync();

        Assert.Equal(0, await MomentumAsync(host));
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from keywords where trend_momentum is null"));
    }

    [Fact]
    public async Task WriteAsync_ReadingArrivedSinceItsTermWasRead_LeavesItDue()
    {
        await using var host = await HostAsync();
        await LandAsync(host, SignalScale.Index, [("wool scarf", Today.AddDays(-8), 60)]);
        await host.RunAsync();

        // The term was read with version 4; meanwhile a reading made it 5.
        await host.ExecuteAsync("insert into lexyhub_jobs.trend_due (term, since, version) values ('wool scarf', '2026-03-01', 5)");
        await using (var connection = await host.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            var batch = new TrendBatch(time.GetUtcNow());
            batch.AddDone(new DueTerm("wool scarf", null, 4));
            await TrendStore.WriteAsync(connection, batch, Today, CancellationToken.None);
            await transaction.CommitAsync();
        }

        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.trend_due"));
    }

    [Fact]
    public async Task WriteAsync_ImporterHoldsATermThatIsDone_DoesNotWaitAndLeavesItDue()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("insert into lexyhub_jobs.trend_due (term, since, version) values ('gold hoop', '2026-03-01', 1), ('wool scarf', '2026-03-01', 1)");
        await using var importer = await host.DataSource.OpenConnectionAsync();
        await using var pushing = await importer.BeginTransactionAsync();
        await using (var push = new NpgsqlCommand("update lexyhub_jobs.trend_due set version = 2 where term = 'wool scarf'", importer))
        {
            await push.ExecuteNonQueryAsync();
        }

        await using (var connection = await host.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var limit = new NpgsqlCommand("set local lock_timeout = '2s'", connection))
            {
                await limit.ExecuteNonQueryAsync();
            }

            var batch = new TrendBatch(time.GetUtcNow());
            batch.AddDone(new DueTerm("gold hoop", null, 1));
            batch.AddDone(new DueTerm("wool scarf", null, 1));
            await TrendStore.WriteAsync(connection, batch, Today, CancellationToken.None);
            await transaction.CommitAsync();
        }

        await pushing.CommitAsync();
        Assert.Equal("wool scarf", await host.QueryAsync<string>("select string_agg(term, ',') from lexyhub_jobs.trend_due"));
    }

    [Theory]
    [InlineData("insert into lexyhub_jobs.signal_sources (source, scale, declared, pushed) values ('late', 'index', true, true)")]
    [InlineData("update lexyhub_jobs.signal_sources set scale = 'count' where source = 'pushed'")]
    public async Task RunAsync_ScalesChangedSinceTheyWereRead_LeavesTheTermForTheNextRun(string change)
    {
        await using var host = await HostAsync();
        await LandAsync(host, SignalScale.Index, [("wool scarf", Today.AddDays(-8), 60)]);
        var request = new RunRequest(JobCatalog.TrendAggregation, RunTrigger.Cli)
        {
            Progress = new Callback(progress =>
            {
                if (progress.Stage == "taking medians")
                {
                    using var command = host.DataSource.CreateCommand($"""
                        {change};
                        insert into lexyhub_jobs.signals values ('wool scarf', 'pushed', '2026-03-19', 70);
                        insert into lexyhub_jobs.signals select 'wool scarf', 'late', '2026-03-18', 70 from lexyhub_jobs.signal_sources where source = 'late';
                        update lexyhub_jobs.trend_due set version = version + 1;
                        """);
                    command.ExecuteNonQuery();
                }
            }),
        };

        var first = await host.RunAsync(request);

        Assert.Equal((200, 0L), (first.StatusCode, (long)first.Body["processed"]!));
        Assert.Equal(1, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.trend_due"));
        var second = await host.RunAsync();
        Assert.True((long)second.Body["processed"]! >= 2, second.Body.ToJsonString());
        Assert.Equal(0, await host.QueryAsync<long>("select count(*) from lexyhub_jobs.trend_due"));
    }

    [Fact]
    public async Task RunAsync_PushedScaleTurnsOutLarger_ScoresTheSourceAnew()
    {
        await using var host = await HostAsync();
        await LandAsync(host, null, [("wool scarf", Today.AddDays(-8), 1)]);
        await host.RunAsync();
        Assert.Equal(1.0m, await host.QueryAsync<decimal>("select trend_score from trend_series where term = 'wool scarf'"));

        await LandAsync(host, null, [("gold hoop", Today.AddDays(-1), 90)]);
        await host.RunAsync();

        Assert.True(await host.QueryAsync<decimal>("select trend_score from trend_series where term = 'wool scarf'") < 0.5m);
    }

    [Fact]
    public async Task RunAsync_ListingStatistics_BecomeSyntheticSignalsOfWholeDays()
    {
        await using var host = await HostAsync();
        await host.ExecuteAsync("""
            insert into keywords (term) values ('silver ring');
            insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
            insert into marketplace_accounts (id, provider_id, external_shop_id) values ('00000000-0000-0000-0000-00000000000a', 'etsy', 'shop');
            insert into listings (id, marketplace_account_id, external_listing_id, title)
            values ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000a', '1', 'A fine silver ring for her');
            insert into listing_tags values ('00000000-0000-0000-0000-00000000000b', 'Boho Ring', 'etsy'), ('00000000-0000-0000-0000-00000000000b', 'silver ring', 'etsy');
            insert into listing_stats (listing_id, recorded_on, views, favorites)
            select '00000000-0000-0000-0000-00000000000b', date '2026-03-20' - d, 1000 - 10 * d, case when d < 3 then 21 else 20 end from generate_series(0, 10) d;
            """);

        var answer = await host.RunAsync();

        Assert.True((long)answer.Body["sources"]!["synthetic"]!["signals"]! == 18, answer.Body.ToJsonString());
        Assert.Equal(
            "boho ring,silver ring",
            await host.QueryAsync<string>("select string_agg(distinct term, ',' order by term) from lexyhub_jobs.signals where source = 'synthetic'"));
        Assert.Equal("2026-03-11 2026-03-19", await host.QueryAsync<string>("select min(recorded_on) || ' ' || max(recorded_on) from lexyhub_jobs.signals"));

        // Ten views a day; on the 18th a favourite beside them.
        Assert.Equal("10,20", await host.QueryAsync<string>("select string_agg(distinct value::text, ',' order by value::text) from lexyhub_jobs.signals"));
        Assert.Equal(20, await host.QueryAsync<double>("select value from lexyhub_jobs.signals where term = 'silver ring' and recorded_on = '2026-03-18'"));
        Assert.True(await MomentumAsync(host) > 0);
    }

    [Fact]
    public async Task RunAsync_FirstReadingOfStatisticsWasCutShort_ReadsTheWholeHistoryAgain()
    {
        await using var host = await HostAsync();

        // An untitled listing, and of the run that was cut short the signals of the first terms, up to the last day.
        await host.ExecuteAsync("""
            alter table listings alter title drop not null;
            insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace');
            insert into marketplace_accounts (id, provider_id, external_shop_id) values ('00000000-0000-0000-0000-00000000000a', 'etsy', 'shop');
            insert into listings (id, marketplace_account_id, external_listing_id, title)
            values ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000a', '1', null);
            insert into listing_tags values ('00000000-0000-0000-0000-00000000000b', 'silver ring', 'etsy');
            insert into listing_stats (listing_id, recorded_on, views)
            select '00000000-0000-0000-0000-00000000000b', date '2026-03-20' - d, 1000 - 10 * d from generate_series(0, 10) d;
            insert into lexyhub_jobs.signal_sources (source, scale, declared) values ('synthetic', 'count', true);
            insert into lexyhub_jobs.signals values ('a ring', 'synthetic', '2026-03-19', 5);
            """);

        var answer = await host.RunAsync();

        Assert.Equal("succeeded", answer.Status);
        Assert.Equal("2026-03-11", await host.QueryAsync<string>("select min(recorded_on)::text from lexyhub_jobs.signals where term = 'silver ring'"));

        // From then on only what may have come late is read.
        await host.ExecuteAsync("delete from lexyhub_jobs.signals where term = 'silver ring'");
        time.Advance(TimeSpan.FromDays(1));
        await host.RunAsync();
        Assert.Equal("2026-03-16", await host.QueryAsync<string>("select min(recorded_on)::text from lexyhub_jobs.signals where term = 'silver ring'"));
    }

    private async Task<JobHost> HostAsync(Action<IServiceCollection>? configure = null, Dictionary<string, string?>? settings = null)
        => await JobHost.Create(await postgres.CreateDatabaseAsync(), settings, time: time, configure: configure).MigrateAsync();

    private static async Task LandAsync(JobHost host, SignalScale? scale, IReadOnlyList<(string Term, DateOnly Day, double Value)> readings)
    {
        await using var connection = await host.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await SignalStore.UpsertAsync(
            connection,
            [.. readings.Select(reading => new Signal(reading.Term, "pushed", reading.Day, reading.Value, scale ?? SignalScale.Unit))],
            scale is null ? SignalOrigin.PushedUndeclared : SignalOrigin.Pushed,
            CancellationToken.None);
        await transaction.CommitAsync();
    }

    // As numeric(10,4) prints it, which knows no negative zero.
    private static string Numeric(double value)
        => (Math.Round(value, 4, MidpointRounding.AwayFromZero) + 0.0).ToString("0.0000", CultureInfo.InvariantCulture);

    private static Task<decimal> MomentumAsync(JobHost host) => host.QueryAsync<decimal>("select max(trend_momentum) from keywords");

    private sealed class Callback(Action<JobProgress> report) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => report(value);
    }

    private sealed class ScriptedSource(
        string name, (string Term, DateOnly Day, double Value)[][] batches, string? error = null) : ITrendSource
    {
        public string Name => name;

        public string? NotConfiguredReason => null;

        public async IAsyncEnumerable<SignalBatch> FetchAsync(
            TrendSourceContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var batch in batches)
            {
                await Task.Yield();
                yield return new SignalBatch([.. batch.Select(r => new Signal(r.Term, name, r.Day, r.Value, SignalScale.Index))]);
            }

            if (error is not null)
            {
                throw new TrendSourceException("failed", error);
            }
        }
    }
}
