using System.Diagnostics;
using System.Globalization;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;
using Npgsql;

namespace LexyHub.Benchmarks.Trends;

/// <summary>The whole job over a real PostgreSQL, beside the bare SQL that moves the same rows: COPY into a table, one upsert
/// of <c>trend_series</c>, one update of <c>keywords</c>.</summary>
internal static class TrendAggregationBenchmark
{
    private const int Signals = 200_000;
    private const int Keywords = 100_000;
    private const int WarmUpSignals = 2_000;
    private const double MaxRatio = 1.5;
    private const double MaxGrowth = 11;
    private const double MaxSecondRunSeconds = 0.3;
    private const double MaxMegabytes = 400;
    private const int LandBatch = 50_000;

    private static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine($"trend-aggregation [repeats]   200,000 signals over 100,000 keywords beside bare SQL, then 2,000,000. Needs {BenchmarkDatabase.SettingName}.");
            return BenchmarkCommand.Done;
        }

        if (BenchmarkDatabase.FindServer() is not { } server)
        {
            return BenchmarkCommand.Usage;
        }

        var repeats = args is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 3;
        var bare = new List<double>();
        var jobs = new List<Measurement>();

        // Once each on little data, so that no figure holds the compiling of the code.
        await MeasureBareAsync(server, WarmUpSignals, WarmUpSignals / 2);
        await MeasureJobAsync(server, WarmUpSignals, WarmUpSignals / 2);
        for (var i = 0; i < repeats; i++)
        {
            bare.Add(await MeasureBareAsync(server, Signals, Keywords));
            jobs.Add(await MeasureJobAsync(server, Signals, Keywords));
            Console.WriteLine($"  {i + 1}: bare SQL {bare[i]:F2} s, {Describe(jobs[i])}");
        }

        var ratio = Median(jobs.Zip(bare, (job, reference) => job.FirstSeconds / reference));
        var large = await MeasureJobAsync(server, 10 * Signals, Keywords);
        Console.WriteLine($"  {10 * Signals:N0} signals: {Describe(large)}");
        var growth = large.FirstSeconds / Median(jobs.Select(job => job.FirstSeconds));
        var second = Math.Max(large.SecondSeconds, jobs.Max(job => job.SecondSeconds));
        var peak = Math.Max(large.PeakMegabytes, jobs.Max(job => job.PeakMegabytes));

        var met = Report("job / bare SQL", ratio, MaxRatio, "");
        met &= Report("2,000,000 / 200,000 signals", growth, MaxGrowth, "");
        met &= Report("second run of the day", second, MaxSecondRunSeconds, " s");
        met &= Report("peak working set", peak, MaxMegabytes, " MB");
        return met ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static bool Report(string what, double value, double limit, string unit)
    {
        Console.WriteLine($"{what,-30} {value,8:F3}{unit} (at most {limit}{unit}) {(value <= limit ? "met" : "MISSED")}");
        return value <= limit;
    }

    private static async Task<Measurement> MeasureJobAsync(string server, int signals, int keywords)
    {
        await using var database = await CreateAsync(server, keywords);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            foreach (var chunk in MakeSignals(signals, keywords).Chunk(LandBatch))
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await SignalStore.UpsertAsync(connection, chunk, SignalOrigin.Pushed, CancellationToken.None);
                await transaction.CommitAsync();
            }
        }

        await database.ExecuteAsync("vacuum analyze", "checkpoint");
        GC.Collect();
        using var memory = new PeakMemory();
        var first = await TimeAsync(database, signals);
        var secondRun = await TimeAsync(database, 0);
        return new Measurement(first, secondRun, memory.Megabytes);
    }

    private static async Task<double> TimeAsync(BenchmarkDatabase database, long expected)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var answer = await database.Runner.RunAsync(new RunRequest(JobCatalog.TrendAggregation, RunTrigger.Cli), CancellationToken.None);
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        return answer.Status == RunStatus.Succeeded && (long)answer.Body["processed"]! == expected
            ? seconds
            : throw new InvalidOperationException($"The run did not process {expected} signals: {answer.Body}");
    }

    private static async Task<double> MeasureBareAsync(string server, int signals, int keywords)
    {
        await using var database = await CreateAsync(server, keywords);
        await database.ExecuteAsync(
            "create table bare (term text, source text, recorded_on date, value double precision)", "vacuum analyze", "checkpoint");
        var rows = MakeSignals(signals, keywords).ToList();
        var startedAt = Stopwatch.GetTimestamp();
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await using var writer = await connection.BeginBinaryImportAsync("copy bare from stdin (format binary)");
            foreach (var row in rows)
            {
                await writer.StartRowAsync();
                await writer.WriteAsync(row.Term);
                await writer.WriteAsync(row.Source);
                await writer.WriteAsync(row.RecordedOn);
                await writer.WriteAsync(row.Value);
            }

            await writer.CompleteAsync();
        }

        await database.ExecuteAsync(
            """
            insert into trend_series (term, source, recorded_on, trend_score, velocity, expected_growth_30d)
            select term, source, recorded_on, value / 100, 0, 0 from bare
            on conflict (term, source, recorded_on) do update
            set trend_score = excluded.trend_score, velocity = excluded.velocity, expected_growth_30d = excluded.expected_growth_30d
            """,
            """
            update keywords k
            set trend_momentum = b.momentum,
                extras = k.extras || jsonb_build_object('trend', jsonb_build_object(
                    'momentum', b.momentum, 'expectedGrowth30d', 0, 'contributors', '[]'::jsonb, 'confidence', 0, 'surge', false, 'updatedAt', now()))
            from (select term, (avg(value) / 100)::numeric(6,3) as momentum from bare group by term) b
            where k.term_normalized = b.term
            """);
        return Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }

    private static async Task<BenchmarkDatabase> CreateAsync(string server, int keywords)
    {
        var database = await BenchmarkDatabase.CreateAsync(server, [MigrationSet.Core], services => services.AddTrendAggregation());
        await database.ExecuteAsync($"insert into keywords (term) select 'handmade gift idea ' || i from generate_series(1, {keywords}) i");
        await database.ExecuteAsync(
            "update lexyhub_jobs.keyword_terms t set term = k.term, source_term = k.term from keywords k where k.id = t.keyword_id");
        return database;
    }

    // As many daily readings of each keyword as bring about the count, by two sources in turn.
    private static IEnumerable<Signal> MakeSignals(int count, int keywords)
    {
        var random = new Random(1);
        var days = count / keywords;
        for (var i = 0; i < keywords; i++)
        {
            var source = i % 2 == 0 ? "search-index" : "site-searches";
            var level = random.NextDouble() * 100;
            for (var day = days; day > 0; day--)
            {
                level = Math.Clamp(level * (0.8 + 0.4 * random.NextDouble()), 0, 100);
                yield return new Signal($"handmade gift idea {i + 1}", source, Today.AddDays(-day), Math.Round(level, 2), SignalScale.Index);
            }
        }
    }

    private static string Describe(Measurement job)
        => $"job {job.FirstSeconds:F2} s, second run {job.SecondSeconds:F3} s, peak {job.PeakMegabytes:F0} MB";

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private sealed record Measurement(double FirstSeconds, double SecondSeconds, double PeakMegabytes);
}
