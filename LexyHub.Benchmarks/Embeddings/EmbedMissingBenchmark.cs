using System.Diagnostics;
using System.Globalization;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Pgvector;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>The whole job over a real PostgreSQL with a provider that answers at once, beside one bare binary COPY of the same
/// vectors into the same table.</summary>
internal static class EmbedMissingBenchmark
{
    private const int Terms = 20_000;
    private const int ManyTerms = 60_000;
    private const int WarmUpTerms = 500;
    private const int IndexedTerms = 3_000;
    private const int SettledTerms = 200_000;
    private const int SettledListings = 50_000;
    private const double MinRate = 0.6;
    private const double MaxNothingSeconds = 0.3;
    private const double MaxMegabytes = 500;
    private const double MaxGrowth = 1.1;
    private const double MaxRequests = 1.02;

    private static readonly int InputsPerRequest = new EmbeddingOptions().MaxInputsPerRequest;
    private static readonly IReadOnlyList<float[]> FewVectors = InstantEmbeddings.MakeVectors(64);

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine($"embed-missing [repeats]   20,000 missing keywords beside bare COPY, then 60,000, then nothing missing, then with an HNSW index. Needs {BenchmarkDatabase.SettingName} with pgvector.");
            return BenchmarkCommand.Done;
        }

        if (BenchmarkDatabase.FindServer() is not { } server)
        {
            return BenchmarkCommand.Usage;
        }

        var repeats = args is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 3;
        await MeasureBareAsync(server, WarmUpTerms, FewVectors);
        await MeasureJobAsync(server, WarmUpTerms, FewVectors);
        var rates = new List<double>();
        var peaks = new List<double>();
        for (var i = 0; i < repeats; i++)
        {
            var bare = await MeasureBareAsync(server, Terms, FewVectors);
            var (seconds, peak, _) = await MeasureJobAsync(server, Terms, FewVectors);
            rates.Add(bare / seconds);
            peaks.Add(peak);
            Console.WriteLine($"  {i + 1}: bare COPY {bare:F2} s, job {seconds:F2} s, peak {peak:F0} MB");
        }

        var many = await MeasureJobAsync(server, ManyTerms, FewVectors);
        Console.WriteLine($"  {ManyTerms:N0} terms: job {many.Seconds:F2} s, peak {many.PeakMegabytes:F0} MB");
        var nothing = await MeasureNothingAsync(server);
        await ShowIndexedAsync(server);

        var met = Report("rate of the job / of bare COPY", Median(rates), "at least", MinRate, Median(rates) >= MinRate, "");
        met &= Report("peak working set", Math.Max(peaks.Max(), many.PeakMegabytes), "at most", MaxMegabytes, Math.Max(peaks.Max(), many.PeakMegabytes) <= MaxMegabytes, " MB");
        met &= Report("peak of 60,000 / of 20,000", many.PeakMegabytes / Median(peaks), "at most", MaxGrowth, many.PeakMegabytes / Median(peaks) <= MaxGrowth, "");
        var optimum = Math.Ceiling(ManyTerms / (double)InputsPerRequest);
        met &= Report("requests / fewest possible", many.Requests / optimum, "at most", MaxRequests, many.Requests <= optimum * MaxRequests, "");
        met &= Report("run with nothing missing", nothing, "at most", MaxNothingSeconds, nothing <= MaxNothingSeconds, " s");
        return met ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static bool Report(string what, double value, string bound, double limit, bool isMet, string unit)
    {
        Console.WriteLine($"{what,-32} {value,8:F3}{unit} ({bound} {limit}{unit}) {(isMet ? "met" : "MISSED")}");
        return isMet;
    }

    // No target: how long it takes is the index's own doing. Each vector is another one, because equal ones are linked at once.
    private static async Task ShowIndexedAsync(string server)
    {
        var vectors = InstantEmbeddings.MakeVectors(IndexedTerms);
        var bare = await MeasureBareAsync(server, IndexedTerms, vectors, isIndexed: true);
        var job = await MeasureJobAsync(server, IndexedTerms, vectors, isIndexed: true);
        Console.WriteLine($"  {IndexedTerms:N0} terms with an HNSW index present: bare COPY {bare:F2} s, job {job.Seconds:F2} s, rate of the job / of bare COPY {bare / job.Seconds:F3}");
    }

    private static async Task<double> MeasureBareAsync(string server, int terms, IReadOnlyList<float[]> vectors, bool isIndexed = false)
    {
        await using var database = await CreateAsync(server, vectors, isIndexed);
        await database.ExecuteAsync("checkpoint");
        var startedAt = Stopwatch.GetTimestamp();
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await using var writer = await connection.BeginBinaryImportAsync(
                "copy embeddings (term_hash, term, embedding, model) from stdin (format binary)");
            for (var i = 0; i < terms; i++)
            {
                var term = TermOf(i);
                await writer.StartRowAsync();
                await writer.WriteAsync(EmbeddingScope.Hash($"text-embedding-3-large::{term}"));
                await writer.WriteAsync(term);
                await writer.WriteAsync(new Vector(vectors[i % InputsPerRequest % vectors.Count]));
                await writer.WriteAsync("text-embedding-3-large");
            }

            await writer.CompleteAsync();
        }

        return Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }

    private static async Task<(double Seconds, double PeakMegabytes, long Requests)> MeasureJobAsync(
        string server, int terms, IReadOnlyList<float[]> vectors, bool isIndexed = false)
    {
        await using var database = await CreateAsync(server, vectors, isIndexed);
        await AddKeywordsAsync(database, terms);
        await database.ExecuteAsync("vacuum analyze", "checkpoint");
        GC.Collect();
        using var memory = new PeakMemory();
        var (seconds, requests) = await TimeAsync(database, terms);
        return (seconds, memory.Megabytes, requests);
    }

    // 250,000 vectors of full size: about 4 GB on the server's disk while it is measured.
    private static async Task<double> MeasureNothingAsync(string server)
    {
        await using var database = await CreateAsync(server, FewVectors);
        await AddKeywordsAsync(database, SettledTerms);
        await database.ExecuteAsync(
            "create table one as select array_fill(0.5::real, array[3072])::vector as embedding",
            """
            insert into embeddings (term_hash, term, embedding, model)
            select encode(sha256(convert_to('text-embedding-3-large::' || term, 'UTF8')), 'hex'), term, embedding, 'text-embedding-3-large'
            from lexyhub_jobs.embedding_due_terms, one
            """,
            "insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace')",
            "insert into marketplace_accounts (provider_id, external_shop_id) values ('etsy', '1')",
            $"""
            insert into listings (marketplace_account_id, external_listing_id, title)
            select a.id, i, 'listing ' || i from marketplace_accounts a, generate_series(1, {SettledListings}) i
            """,
            """
            insert into lexyhub_jobs.listing_embeddings (listing_id, model, text_hash, embedding, tokens, truncated)
            select id, 'text-embedding-3-large', encode(sha256(convert_to(title, 'UTF8')), 'hex'), embedding, 3, false from listings, one
            """,
            "vacuum analyze");
        await TimeAsync(database, 0);
        await database.ExecuteAsync("update keywords set trend_momentum = 0.5", "checkpoint");
        var (seconds, _) = await TimeAsync(database, 0);
        Console.WriteLine($"  nothing missing over {SettledTerms:N0} keywords and {SettledListings:N0} listings, after a change of every keyword's trend: {seconds:F3} s");
        return seconds;
    }

    private static async Task<(double Seconds, long Requests)> TimeAsync(BenchmarkDatabase database, long expected)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var answer = await database.Runner.RunAsync(new RunRequest(JobCatalog.EmbedMissing, RunTrigger.Cli), CancellationToken.None);
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        return answer.Status == RunStatus.Succeeded && (long)answer.Body["processed"]! == expected
            ? (seconds, (long)answer.Body["requests"]!)
            : throw new InvalidOperationException($"The run did not process {expected} texts: {answer.Body}");
    }

    private static async Task<BenchmarkDatabase> CreateAsync(string server, IReadOnlyList<float[]> vectors, bool isIndexed = false)
    {
        var database = await BenchmarkDatabase.CreateAsync(server, [MigrationSet.Core, MigrationSet.Vector], services =>
        {
            services.AddEmbedMissing();
            services.AddSingleton<IEmbeddingServiceFactory>(_ => new InstantEmbeddings(vectors));
        });
        if (isIndexed)
        {
            await VectorIndex.CreateAsync(database.DataSource, "text-embedding-3-large", concurrently: true, CancellationToken.None);
        }

        return database;
    }

    private static Task AddKeywordsAsync(BenchmarkDatabase database, int terms) => database.ExecuteAsync(
        $"insert into keywords (term) select 'handmade gift idea ' || i from generate_series(0, {terms - 1}) i",
        "update lexyhub_jobs.keyword_terms t set term = k.term, source_term = k.term from keywords k where k.id = t.keyword_id");

    private static string TermOf(int number) => string.Create(CultureInfo.InvariantCulture, $"handmade gift idea {number}");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
