using System.Diagnostics;
using System.Globalization;
using LexyHub.Benchmarks.Embeddings;
using LexyHub.Core.Clusters;
using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.DependencyInjection;
using Pgvector;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>The whole job over a real PostgreSQL, and its reader beside one bare binary COPY of the same vectors.</summary>
internal static class RebuildClustersBenchmark
{
    private const int Keywords = 20_000;
    private const int KeywordsPerTopic = 25;
    private const int PageSize = 2_000;
    private const int Repeats = 3;
    private const double MinRate = 0.7;
    private const double MaxMegabytes = 600;
    private const string Projected = "--projected";
    private const string MatryoshkaModel = "text-embedding-3-large";
    private const string OtherModel = "model-without-prefixes";
    private const int Dimensions = 3_072;

    public static async Task<int> RunAsync(string[] args)
    {
        var model = args.Contains(Projected) ? OtherModel : MatryoshkaModel;
        var numbers = args.Where(argument => argument != Projected).ToArray();
        if (numbers is [_, _, ..] || (numbers is [var text] && !int.TryParse(text, CultureInfo.InvariantCulture, out _)))
        {
            Console.WriteLine($"rebuild-clusters [keywords] [{Projected}]   the job over {Keywords:N0} keywords (or as many as are given), and its reader beside bare COPY; with {Projected} of a model whose vectors are no prefixes (as the local one's). Needs {BenchmarkDatabase.SettingName} with pgvector.");
            return args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage;
        }

        if (BenchmarkDatabase.FindServer() is not { } server)
        {
            return BenchmarkCommand.Usage;
        }

        var keywords = numbers is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : Keywords;
        await using var database = await CreateAsync(server, model);
        await FillAsync(database, model, keywords);

        // As the job does by default.
        var reduction = DimensionReduction.For(model, Dimensions, DimensionReduction.DefaultFor(model));
        var name = $"{reduction.Name} of {reduction.Dimensions:N0}";
        var rates = new List<double>();
        for (var i = 0; i < Repeats; i++)
        {
            var bare = await TimeCopyAsync(database);
            var reading = await TimeReaderAsync(database, model, reduction, keywords);
            rates.Add(bare / reading);
            Console.WriteLine($"  reading {keywords:N0} vectors ({name}) {i + 1}: bare COPY {bare:F2} s, reader {reading:F2} s");
        }

        var met = Report($"rate, {name} / bare COPY", rates.Order().ElementAt(rates.Count / 2), "at least", MinRate, isLower: false, "");

        // What setting up took is not the job's.
        GC.Collect();
        using var memory = new PeakMemory();
        await RunJobAsync(database, "first rebuild", keywords);
        await RunJobAsync(database, "again, nothing new", keywords);
        return met & Report("peak working set", memory.Megabytes, "at most", keywords <= Keywords ? MaxMegabytes : double.PositiveInfinity, isLower: true, " MB")
            ? BenchmarkCommand.Done
            : BenchmarkCommand.Missed;
    }

    private static bool Report(string what, double value, string bound, double limit, bool isLower, string unit)
    {
        var isMet = isLower ? value <= limit : value >= limit;
        Console.WriteLine($"{what,-34} {value,8:F3}{unit} ({bound} {limit}{unit}) {(isMet ? "met" : "MISSED")}");
        return isMet;
    }

    private static Task<BenchmarkDatabase> CreateAsync(string server, string model)
        => BenchmarkDatabase.CreateAsync(server, [MigrationSet.Core, MigrationSet.Vector], services =>
        {
            services.AddChatProviders().AddEmbedMissing().AddRebuildClusters();
            services.AddSingleton<IEmbeddingServiceFactory>(new InstantEmbeddings([], model));
            services.Configure<ClusterOptions>(options => options.LabelByModel = false);
        });

    private static async Task FillAsync(BenchmarkDatabase database, string model, int keywords)
    {
        await database.ExecuteAsync(
            $"insert into keywords (term) select 'handmade idea ' || i from generate_series(0, {keywords - 1}) i",
            "update lexyhub_jobs.keyword_terms t set term = k.term, source_term = k.term from keywords k where k.id = t.keyword_id");
        var mixture = new NoisyMixture(keywords / KeywordsPerTopic, Dimensions);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await using var writer = await connection.BeginBinaryImportAsync("copy embeddings (term_hash, term, embedding, model) from stdin (format binary)");
            for (var i = 0; i < keywords; i++)
            {
                var term = string.Create(CultureInfo.InvariantCulture, $"handmade idea {i}");
                await writer.StartRowAsync();
                await writer.WriteAsync(EmbeddingScope.Hash($"{model}::{term}"));
                await writer.WriteAsync(term);
                await writer.WriteAsync(new Vector(mixture.Vector(i)));
                await writer.WriteAsync(model);
            }

            await writer.CompleteAsync();
        }

        await database.ExecuteAsync("vacuum analyze", "checkpoint");
    }

    private static async Task<double> TimeCopyAsync(BenchmarkDatabase database)
    {
        var startedAt = Stopwatch.GetTimestamp();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var stream = await connection.BeginRawBinaryCopyAsync("copy embeddings (embedding) to stdout (format binary)");
        var buffer = new byte[1 << 17];
        while (await stream.ReadAsync(buffer, CancellationToken.None) > 0)
        {
        }

        return Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }

    private static async Task<double> TimeReaderAsync(BenchmarkDatabase database, string model, DimensionReduction reduction, int keywords)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var reader = new VectorReader(database.DataSource, model, reduction);
        var read = 0;
        // As the job does: the next page is on its way while the last vectors of this one are decoded.
        for (var coming = (Task<ReceivedPage>?)reader.ReadAsync("", PageSize, CancellationToken.None); coming is not null;)
        {
            var received = await coming;
            coming = received.Last is { } last ? reader.ReadAsync(last, PageSize, CancellationToken.None) : null;
            read += (await received.Decoded).Terms.Count;
        }

        return read == keywords
            ? Stopwatch.GetElapsedTime(startedAt).TotalSeconds
            : throw new InvalidOperationException($"{read} of {keywords} vectors were read.");
    }

    private static async Task RunJobAsync(BenchmarkDatabase database, string what, int keywords)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var stages = new StageClock();
        var answer = await database.Runner.RunAsync(
            new RunRequest(JobCatalog.RebuildClusters, RunTrigger.Cli) { Progress = stages }, CancellationToken.None);
        if (answer.Status != RunStatus.Succeeded || (long)answer.Body["processed"]! != keywords)
        {
            throw new InvalidOperationException($"The run did not process {keywords} keywords: {answer.Body}");
        }

        Console.WriteLine($"  {what}: {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:F1} s, {answer.Body["clusters"]} clusters, {answer.Body["outliers"]} outliers, {answer.Body["created"]} created, {answer.Body["retired"]} retired");
        Console.WriteLine($"    {stages}");
    }

    /// <summary>Time by the first word of what is reported.</summary>
    private sealed class StageClock : IProgress<JobProgress>
    {
        private readonly Dictionary<string, TimeSpan> spent = [];
        private long at = Stopwatch.GetTimestamp();

        // What is reported is what has just ended.
        public void Report(JobProgress value)
        {
            var stage = value.Stage.Split(' ')[0];
            spent[stage] = spent.GetValueOrDefault(stage) + Stopwatch.GetElapsedTime(at);
            at = Stopwatch.GetTimestamp();
        }

        public override string ToString() => string.Join(", ", spent.Select(stage => $"{stage.Key} {stage.Value.TotalSeconds:F1} s"));
    }
}
