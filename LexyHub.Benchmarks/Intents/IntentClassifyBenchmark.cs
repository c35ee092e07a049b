using System.Diagnostics;
using System.Globalization;
using LexyHub.Core.Data;
using LexyHub.Core.Intents;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexyHub.Benchmarks.Intents;

/// <summary>The whole job over a real PostgreSQL: by the lexicon; by a model that answers at once, beside the same rows written by the same
/// statements with nothing else; and with nothing due.</summary>
internal static class IntentClassifyBenchmark
{
    private const int Keywords = 100_000;
    private const int ModelKeywords = 10_000;
    private const int SettledKeywords = 200_000;
    private const int RequestSize = 40;

    /// <summary>As many as the job writes in one transaction at most: the answers of all requests that are under way at once.</summary>
    private const int GroupSize = 8 * RequestSize;
    private const double MaxSeconds = 8;
    private const double MaxMegabytes = 400;
    private const double MaxCost = 1.5;
    private const double MaxNothingSeconds = 0.3;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine($"intent-classify [repeats]   100,000 keywords by the lexicon, 10,000 by a model that answers at once, then nothing due. Needs {BenchmarkDatabase.SettingName}.");
            return BenchmarkCommand.Done;
        }

        if (BenchmarkDatabase.FindServer() is not { } server)
            return BenchmarkCommand.Usage;

        var repeats = args is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 3;
        await MeasureJobAsync(server, 1_000, new LocalChat());
        await MeasureJobAsync(server, 1_000, new InstantChat());
        var (seconds, peaks, costs, costsByRequest) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < repeats; i++)
        {
            var lexicon = await MeasureJobAsync(server, Keywords, new LocalChat());
            var bare = await MeasureBareAsync(server, ModelKeywords, GroupSize);
            var bareByRequest = await MeasureBareAsync(server, ModelKeywords, RequestSize);
            var model = await MeasureJobAsync(server, ModelKeywords, new InstantChat());
            seconds.Add(lexicon.Seconds);
            peaks.Add(lexicon.Megabytes);
            costs.Add(model.Seconds / bare);
            costsByRequest.Add(model.Seconds / bareByRequest);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {i + 1}: {Keywords:N0} by the lexicon {lexicon.Seconds:F2} s, peak {lexicon.Megabytes:F0} MB; {ModelKeywords:N0} by an instant model {model.Seconds:F2} s, bare writes {bare:F2} s in groups, {bareByRequest:F2} s by request"));
        }

        var nothing = await MeasureNothingAsync(server);
        var met = Report("100,000 by the lexicon", Median(seconds), MaxSeconds, " s");
        met &= Report("peak working set", peaks.Max(), MaxMegabytes, " MB");
        met &= Report("instant model / bare, in groups", Median(costs), MaxCost, "");
        met &= Report("instant model / bare, by request", Median(costsByRequest), MaxCost, "");
        met &= Report("run with nothing due", nothing, MaxNothingSeconds, " s");
        return met ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static bool Report(string what, double value, double limit, string unit)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-32} {value,8:F3}{unit} (at most {limit}{unit}) {(value <= limit ? "met" : "MISSED")}"));
        return value <= limit;
    }

    private static async Task<(double Seconds, double Megabytes)> MeasureJobAsync(string server, int keywords, IChatServiceFactory chat)
    {
        await using var database = await CreateAsync(server, keywords, chat);
        GC.Collect();
        using var memory = new PeakMemory();
        return (await TimeAsync(database, keywords), memory.Megabytes);
    }

    // What any job of this kind must write: the same rows with the same content by the same statements, each transaction fenced by its lease;
    // one after the other, since the lease's row lets no two of them run at once. In groups as large as the job's own, or one a request.
    private static async Task<double> MeasureBareAsync(string server, int keywords, int itemsATransaction)
    {
        var chat = new InstantChat();
        await using var database = await CreateAsync(
            server, keywords, chat, services => services.AddKeyedScoped<IJob>(JobCatalog.IntentClassify, (_, _) => new BareWrites(chat, itemsATransaction)));
        return await TimeAsync(database, keywords);
    }

    private static async Task<double> MeasureNothingAsync(string server)
    {
        await using var database = await CreateAsync(server, SettledKeywords, new LocalChat());
        await TimeAsync(database, SettledKeywords);
        await database.ExecuteAsync("update keywords set trend_momentum = 0.5", "vacuum analyze", "checkpoint");
        var seconds = await TimeAsync(database, 0);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  nothing due over {SettledKeywords:N0} keywords, after a change of every keyword's trend: {seconds:F3} s"));
        return seconds;
    }

    private static async Task<double> TimeAsync(BenchmarkDatabase database, long expected)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var answer = await database.Runner.RunAsync(new RunRequest(JobCatalog.IntentClassify, RunTrigger.Cli), CancellationToken.None);
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        return answer.Status == RunStatus.Succeeded && (long)answer.Body["processed"]! == expected
            ? seconds
            : throw new InvalidOperationException($"The run did not process {expected} items: {answer.Body}");
    }

    private static async Task<BenchmarkDatabase> CreateAsync(
        string server, int keywords, IChatServiceFactory chat, Action<IServiceCollection>? configure = null)
    {
        var database = await BenchmarkDatabase.CreateAsync(server, [MigrationSet.Core], services =>
        {
            services.AddIntentClassify().AddSingleton(chat);
            configure?.Invoke(services);
        });
        await database.ExecuteAsync(
            $"""
            insert into keywords (term)
            select (array['best','personalised','vintage','how to clean','buy','boho','silver','gift ideas for'])[1 + i % 8] || ' '
                || (array['ring','wool scarf','leather wallet','wedding sign','candle','necklace for mum'])[1 + i % 6] || ' ' || i
            from generate_series(0, {keywords - 1}) i
            """,
            "vacuum analyze",
            "checkpoint");
        return database;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>The local provider has no chat model.</summary>
    private sealed class LocalChat : IChatServiceFactory
    {
        public IChatService? Resolve() => null;
    }

    /// <summary>Reads all that is due at once, and measures nothing but its writes.</summary>
    private sealed class BareWrites(IChatService chat, int itemsATransaction) : IJob
    {
        public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
        {
            var scope = IntentScope.Of(chat);
            var one = new Classification(
                PurchaseIntent.Commercial, null, PurchaseStage.Consideration, "comparing shopper", "Compares things of a kind before choosing one.",
                0.8, false, 0.8, IntentFacets.None, "research", chat.Model);
            using var writer = new IntentWriter(context, scope, chat, new IntentTally(scope, chat), TimeProvider.System, NullLogger.Instance);
            long written = 0;
            await using var read = context.DataSource.CreateCommand("select item_id, version from lexyhub_jobs.intent_due");
            var items = new List<DueItem>();
            await using (var reader = await read.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                    items.Add(new DueItem(DueItem.KeywordKind, reader.GetGuid(0), reader.GetInt64(1), "", scope.HashOf($"{items.Count}")));
            }

            foreach (var batch in items.Chunk(itemsATransaction))
            {
                var write = new IntentWrite { Requests = batch.Length / RequestSize, InputTokens = 1_000, OutputTokens = 1_000, ByModel = batch.Length };
                write.Classified.AddRange(batch.Select(item => (item, one, 50)));
                await writer.WriteAsync(write, cancellationToken);
                written += batch.Length;
            }

            return new JobOutcome { Processed = written };
        }
    }
}
