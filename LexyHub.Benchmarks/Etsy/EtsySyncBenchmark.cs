using System.Diagnostics;
using System.Globalization;
using LexyHub.Core.Data;
using LexyHub.Core.Etsy;
using LexyHub.Core.Jobs;
using Npgsql;

namespace LexyHub.Benchmarks.Etsy;

/// <summary>The whole job over a real PostgreSQL with an Etsy that answers at once, beside bare inserts of the same rows into the same
/// tables, a page a transaction.</summary>
internal static class EtsySyncBenchmark
{
    private const int Shops = 20;
    private const int Listings = 2_000;
    private const int PageSize = 100;
    private const double MaxSeconds = 60;
    private const double MaxMegabytes = 300;

    // The job reads what it writes off the wire, compares it with the tables, keeps place and fence, and notes what it met.
    private const double MaxRatio = 6;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine($"etsy-sync [repeats]   {Shops} shops of {Listings:N0} listings, first and again, beside bare inserts. Needs {BenchmarkDatabase.SettingName}.");
            return BenchmarkCommand.Done;
        }

        if (BenchmarkDatabase.FindServer() is not { } server)
        {
            return BenchmarkCommand.Usage;
        }

        var repeats = args is [var text, ..] ? int.Parse(text, CultureInfo.InvariantCulture) : 3;
        var runs = new List<Measured>();
        var ratios = new List<double>();
        await MeasureBareAsync(server, shops: 1);
        await MeasureAsync(server, shops: 1);
        for (var i = 0; i < repeats; i++)
        {
            var bare = await MeasureBareAsync(server, Shops);
            var job = await MeasureAsync(server, Shops);
            runs.Add(job);
            ratios.Add(job.First / bare);
            Console.WriteLine($"  {i + 1}: bare inserts {bare:F2} s, job {job.First:F2} s ({job.Requests} requests), full again {job.Full:F2} s, incremental {job.Incremental:F2} s, peak {job.PeakMegabytes:F0} MB");
        }

        var met = Report("first run", runs.Max(run => run.First), MaxSeconds, " s");
        met &= Report("full run with nothing changed", runs.Max(run => run.Full), MaxSeconds, " s");
        met &= Report("job / bare inserts", ratios.Order().ElementAt(ratios.Count / 2), MaxRatio, "");
        met &= Report("peak working set", runs.Max(run => run.PeakMegabytes), MaxMegabytes, " MB");
        return met ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static bool Report(string what, double value, double limit, string unit)
    {
        Console.WriteLine($"{what,-32} {value,8:F2}{unit} (at most {limit}{unit}) {(value <= limit ? "met" : "MISSED")}");
        return value <= limit;
    }

    // The server of the answers is in this process: its work and its memory count as the job's.
    private static async Task<Measured> MeasureAsync(string server, int shops)
    {
        await using var etsy = new InstantEtsy(Listings);
        var address = await etsy.StartAsync();
        await using var database = await CreateAsync(server, shops, address);
        GC.Collect();
        using var memory = new PeakMemory();
        var first = await TimeAsync(database, "full", shops * (long)Listings, shops * (long)Listings);
        var requests = etsy.Requests;
        var full = await TimeAsync(database, "full", shops * (long)Listings, 0);
        var incremental = await TimeAsync(database, "incremental", shops * (long)PageSize, 0);
        return new Measured(first, full, incremental, requests, memory.Megabytes);
    }

    private static async Task<double> TimeAsync(BenchmarkDatabase database, string mode, long read, long upserted)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var answer = await database.Runner.RunAsync(
            new RunRequest(JobCatalog.EtsySync, RunTrigger.Cli) { Parameters = new Dictionary<string, string> { ["mode"] = mode } }, CancellationToken.None);
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        return answer.Status == RunStatus.Succeeded && (long)answer.Body["processed"]! == read && (long)answer.Body["upserted"]! == upserted
            ? seconds
            : throw new InvalidOperationException($"The {mode} run did not read {read} and write {upserted} listings: {answer.Body}");
    }

    private static async Task<double> MeasureBareAsync(string server, int shops)
    {
        await using var database = await CreateAsync(server, shops, new Uri("http://127.0.0.1/"));
        var accounts = new List<(Guid Id, long Shop)>();
        await using (var command = database.DataSource.CreateCommand("select id, external_shop_id::bigint from marketplace_accounts"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                accounts.Add((reader.GetGuid(0), reader.GetInt64(1)));
            }
        }

        var startedAt = Stopwatch.GetTimestamp();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        foreach (var (account, shop) in accounts)
        {
            for (var offset = 0; offset < Listings; offset += PageSize)
            {
                await InsertAsync(connection, account, shop, [.. Enumerable.Range(offset, PageSize)]);
            }
        }

        return Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }

    private static async Task InsertAsync(NpgsqlConnection connection, Guid account, long shop, int[] numbers)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("""
                    insert into listings (marketplace_account_id, external_listing_id, title, description, url, currency, price_cents, quantity, published_at, extras)
                    select $1, $2 * 1000000 + n, 'Handmade thing ' || n, repeat('Made by hand. ', 20), 'https://www.etsy.com/listing/' || n, 'USD', 1000 + n, 3, now(),
                        '{"etsy": {"language": "en"}}'
                    from unnest($3) n
                    """)
                { Parameters = { new() { Value = account }, new() { Value = shop }, new() { Value = numbers } } },
                new NpgsqlBatchCommand("""
                    insert into listing_tags (listing_id, tag, source)
                    select l.id, g.tag, 'seller' from unnest($2, $3) g (id, tag)
                    join listings l on l.marketplace_account_id = $1 and l.external_listing_id = g.id
                    on conflict do nothing
                    """)
                {
                    Parameters =
                    {
                        new() { Value = account },
                        new() { Value = numbers.SelectMany(n => InstantEtsy.Tags(shop, n), (n, _) => $"{(shop * 1_000_000) + n}").ToArray() },
                        new() { Value = numbers.SelectMany(n => InstantEtsy.Tags(shop, n)).ToArray() },
                    },
                },
                new NpgsqlBatchCommand("""
                    insert into listing_stats (listing_id, recorded_on, favorites)
                    select id, current_date, 1 from listings where marketplace_account_id = $1 and external_listing_id = any ($2)
                    """)
                { Parameters = { new() { Value = account }, new() { Value = numbers.Select(n => $"{(shop * 1_000_000) + n}").ToArray() } } },
                new NpgsqlBatchCommand("insert into keywords (term, source, market) select distinct tag, 'etsy', 'us' from unnest($1) tag on conflict do nothing")
                { Parameters = { new() { Value = numbers.SelectMany(n => InstantEtsy.Tags(shop, n)).ToArray() } } },
            },
        };
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static async Task<BenchmarkDatabase> CreateAsync(string server, int shops, Uri address)
    {
        var database = await BenchmarkDatabase.CreateAsync(
            server,
            [MigrationSet.Core],
            services => services.AddEtsySync(),
            new Dictionary<string, string?>
            {
                ["Etsy:KeyString"] = "keystring",
                ["Etsy:SharedSecret"] = "secret",
                ["Etsy:BaseAddress"] = $"{address}v3/application/",
            });
        await database.ExecuteAsync(
            "insert into data_providers (id, display_name, provider_type) values ('etsy', 'Etsy', 'marketplace')",
            $"""
            insert into marketplace_accounts (provider_id, external_shop_id, shop_name, access_token)
            select 'etsy', n, 'Shop ' || n, 'a-token' from generate_series(1, {shops}) n
            """,
            "vacuum analyze",
            "checkpoint");
        return database;
    }

    private sealed record Measured(double First, double Full, double Incremental, int Requests, double PeakMegabytes);
}
