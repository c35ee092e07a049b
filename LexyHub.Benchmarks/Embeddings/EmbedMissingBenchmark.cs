using System.Diagnostics;
using System.Globalization;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Pgvector;

namespace LexyHub.Benchmarks.Embeddings;

/// <summary>The whole job over a real PostgreSQL: its rate with a provider that answers at once beside one bare binary COPY of the
/// same vectors into the same table; and, as a process of its own over the wire, its memory and its requests.</summary>
internal static class EmbedMissingBenchmark
{
    private const int Terms = 20_000;
    private const int ManyTerms = 60_000;
    private const int MixedTerms = 40_000;
    private const int MixedListings = 10_000;
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

    private static readonly (string Name, string Summary, Func<string, int, Task<bool>> MeasureAsync)[] Parts =
    [
        ("rate", "20,000 missing keywords beside bare COPY", MeasureRateAsync),
        ("memory", "peak memory and requests of `lexyhub run`, 20,000 and 60,000 keywords", MeasureMemoryAsync),
        ("mixture", "requests for keywords and listings together", (server, _) => MeasureMixtureAsync(server)),
        ("nothing", "a run over 200,000 keywords and 50,000 listings with nothing missing", (server, _) => MeasureNothingAsync(server)),
        ("indexed", "beside bare COPY with an HNSW index present; no target", (server, _) => ShowIndexedAsync(server)),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var chosen = args.TakeWhile(arg => !int.TryParse(arg, CultureInfo.InvariantCulture, out _)).ToList();
        var repeats = args.Length > chosen.Count ? int.Parse(args[chosen.Count], CultureInfo.InvariantCulture) : 3;
        if (chosen.Except(Parts.Select(part => part.Name)).Any() || args.Length > chosen.Count + 1 || repeats < 1)
        {
            Console.WriteLine($"embed-missing [part…] [repeats]   every part unless some are named, 3 repeats. Needs {BenchmarkDatabase.SettingName} with pgvector.");
            foreach (var (name, summary, _) in Parts)
            {
                Console.WriteLine($"  {name,-8} {summary}");
            }

            return args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage;
        }

        if (BenchmarkDatabase.FindServer() is not { } server)
        {
            return BenchmarkCommand.Usage;
        }

        var met = true;
        foreach (var (_, _, measureAsync) in Parts.Where(part => chosen is [] || chosen.Contains(part.Name)))
        {
            met &= await measureAsync(server, repeats);
        }

        return met ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static bool Report(string what, double value, string bound, double limit, bool isMet, string unit)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {value,8:F3}{unit} ({bound} {limit}{unit}) {(isMet ? "met" : "MISSED")}"));
        return isMet;
    }

    private static async Task<bool> MeasureRateAsync(string server, int repeats)
    {
        await MeasureBareAsync(server, WarmUpTerms, FewVectors);
        await MeasureJobAsync(server, WarmUpTerms, FewVectors);
        var rates = new List<double>();
        for (var i = 0; i < repeats; i++)
        {
            var bare = await MeasureBareAsync(server, Terms, FewVectors);
            var job = await MeasureJobAsync(server, Terms, FewVectors);
            rates.Add(bare / job);
            Console.WriteLine($"  {i + 1}: bare COPY {bare:F2} s, job {job:F2} s");
        }

        return Report("rate of the job / of bare COPY", Median(rates), "at least", MinRate, Median(rates) >= MinRate, "");
    }

    private static async Task<bool> MeasureMemoryAsync(string server, int repeats)
    {
        var met = true;
        var medians = new List<double>();
        var highest = 0d;
        foreach (var terms in (int[])[Terms, ManyTerms])
        {
            var peaks = new List<double>();
            for (var i = 0; i < repeats; i++)
            {
                await using var database = await CreateAsync(server, FewVectors);
                await EmbedTexts.AddKeywordsAsync(database, terms);
                await database.ExecuteAsync("vacuum analyze", "checkpoint");
                var (peak, requests) = await RunProcessAsync(database, terms);
                peaks.Add(peak);
                met &= i > 0 || await ReportRequestsAsync($"requests, {terms:N0} keywords / fewest", database, requests);
            }

            medians.Add(Median(peaks));
            highest = Math.Max(highest, peaks.Max());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {terms:N0} keywords: peaks of {string.Join(", ", peaks.Select(peak => peak.ToString("F0", CultureInfo.InvariantCulture)))} MB"));
        }

        met &= Report("peak working set", highest, "at most", MaxMegabytes, highest <= MaxMegabytes, " MB");
        var growth = medians[1] / medians[0];
        return met & Report("peak of 60,000 / of 20,000", growth, "at most", MaxGrowth, growth <= MaxGrowth, "");
    }

    private static async Task<bool> MeasureMixtureAsync(string server)
    {
        await using var database = await CreateAsync(server, FewVectors);
        await EmbedTexts.AddKeywordsAsync(database, MixedTerms);
        await EmbedTexts.AddListingsAsync(database, MixedListings);
        await database.ExecuteAsync("vacuum analyze", "checkpoint");
        var (peak, requests) = await RunProcessAsync(database, MixedTerms + MixedListings);
        var met = await ReportRequestsAsync($"requests, {MixedTerms:N0} keywords and {MixedListings:N0} listings / fewest", database, requests);
        return met & Report("peak working set of it", peak, "at most", MaxMegabytes, peak <= MaxMegabytes, " MB");
    }

    private static async Task<bool> ReportRequestsAsync(string what, BenchmarkDatabase database, int requests)
    {
        var fewest = await EmbedTexts.FewestRequestsAsync(database);
        Console.WriteLine($"  {requests} requests arrived, {fewest} are the fewest that could hold the texts");
        return Report(what, requests / (double)fewest, "at most", MaxRequests, requests <= fewest * MaxRequests, "");
    }

    private static async Task<(double PeakMegabytes, int Requests)> RunProcessAsync(BenchmarkDatabase database, int expected)
    {
        await using var service = new VectorService(FewVectors);
        var (body, peak) = await EmbedMissingProcess.RunAsync(database, await service.StartAsync());
        return (string?)body["status"] == "succeeded" && (long)body["processed"]! == expected
            ? (peak, service.Requests)
            : throw new InvalidOperationException($"The run did not process {expected} texts: {body}");
    }

    // Each vector is another one, because equal ones are linked at once. Few of them: the index takes about 7 ms for each.
    private static async Task<bool> ShowIndexedAsync(string server)
    {
        var vectors = InstantEmbeddings.MakeVectors(IndexedTerms);
        var bare = await MeasureBareAsync(server, IndexedTerms, vectors, isIndexed: true);
        var job = await MeasureJobAsync(server, IndexedTerms, vectors, isIndexed: true);
        Console.WriteLine($"  {IndexedTerms:N0} terms with an HNSW index present: bare COPY {bare:F2} s, job {job:F2} s, rate of the job / of bare COPY {bare / job:F3}");
        return true;
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
                var term = EmbedTexts.TermOf(i);
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

    private static async Task<double> MeasureJobAsync(string server, int terms, IReadOnlyList<float[]> vectors, bool isIndexed = false)
    {
        await using var database = await CreateAsync(server, vectors, isIndexed);
        await EmbedTexts.AddKeywordsAsync(database, terms);
        await database.ExecuteAsync("vacuum analyze", "checkpoint");
        return await TimeAsync(database, terms);
    }

    // 250,000 vectors of full size: about 4 GB on the server's disk while it is measured.
    private static async Task<bool> MeasureNothingAsync(string server)
    {
        await using var database = await CreateAsync(server, FewVectors);
        await EmbedTexts.AddKeywordsAsync(database, SettledTerms);
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
        var seconds = await TimeAsync(database, 0);
        Console.WriteLine($"  nothing missing over {SettledTerms:N0} keywords and {SettledListings:N0} listings, after a change of every keyword's trend: {seconds:F3} s");
        return Report("run with nothing missing", seconds, "at most", MaxNothingSeconds, seconds <= MaxNothingSeconds, " s");
    }

    private static async Task<double> TimeAsync(BenchmarkDatabase database, long expected)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var answer = await database.Runner.RunAsync(new RunRequest(JobCatalog.EmbedMissing, RunTrigger.Cli), CancellationToken.None);
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        return answer.Status == RunStatus.Succeeded && (long)answer.Body["processed"]! == expected
            ? seconds
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

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
