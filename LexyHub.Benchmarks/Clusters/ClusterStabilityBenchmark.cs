using System.Globalization;
using LexyHub.Core.Clusters;
using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>Ten days of 5 % new keywords each, with a rebuild a day over a real PostgreSQL: who keeps the cluster, and how good the
/// clusters are each day beside those that would be found without a yesterday. Last, a rebuild with nothing new.</summary>
internal static class ClusterStabilityBenchmark
{
    private const int Days = 10;
    private const double Growth = 0.05;
    private const double MinKept = 0.95;
    private const int MinCategory = 5;
    private const string FileName = "adthena_shopping_queries_5000.csv";

    private const string MembersSql = """
        select k.term, m.cluster_id from keywords k left join lexyhub_jobs.cluster_members m on m.keyword_id = k.id
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [])
        {
            Console.WriteLine($"cluster-stability   adthena's queries with local embeddings, {Days} days of {Growth:P0} more. Needs {BenchmarkDatabase.SettingName} with pgvector, and LEXYHUB_DATA.");
            return args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage;
        }

        var directory = Environment.GetEnvironmentVariable("LEXYHUB_DATA");
        if (directory is null || !File.Exists(Path.Combine(directory, FileName)))
        {
            Console.Error.WriteLine($"Set LEXYHUB_DATA to a directory with {FileName}.");
            return BenchmarkCommand.Usage;
        }

        if (BenchmarkDatabase.FindServer() is not { } server)
        {
            return BenchmarkCommand.Usage;
        }

        var queries = Read(Path.Combine(directory, FileName));
        var common = queries.CountBy(query => query.Category).Where(category => category.Value >= MinCategory).Select(category => category.Key).ToHashSet();
        var truth = queries.Where(query => common.Contains(query.Category)).ToDictionary(query => query.Term, query => query.Category);
        await using var database = await CreateAsync(server);
        Console.WriteLine($"  {queries.Count:N0} queries; V-measure and ARI over the {truth.Count:N0} of the {common.Count} categories of {MinCategory} or more, an outlier as a cluster of its own");
        Console.WriteLine("  clusters, V, ARI, outliers; the same without a yesterday");

        var added = (int)Math.Round(queries.Count / Math.Pow(1 + Growth, Days));
        await AddAsync(database, queries.Take(added));
        var (before, _) = await RebuildAsync(database, 0, truth, []);
        var worst = 1.0;
        for (var day = 1; day <= Days; day++)
        {
            var next = day == Days ? queries.Count : (int)Math.Round(added * (1 + Growth));
            await AddAsync(database, queries.Skip(added).Take(next - added));
            added = next;
            var (after, _) = await RebuildAsync(database, day, truth, before);
            worst = Math.Min(worst, Kept(before, after));
            before = after;
        }

        var (_, isSame) = await RebuildAsync(database, Days + 1, truth, before);
        Console.WriteLine($"the last day has nothing new: nothing created or retired {(isSame ? "met" : "MISSED")}");
        Console.WriteLine($"members that keep their cluster, worst day {worst:F4} (at least {MinKept}) {(worst >= MinKept ? "met" : "MISSED")}");
        return worst >= MinKept && isSame ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static List<(string Term, string Category)> Read(string path)
    {
        // A query and the number of its category, which holds no comma.
        var queries = File.ReadLines(path).Where(line => line.Length > 0).Select(line => (
            Term: TermText.Normalize(line[..line.LastIndexOf(',')].Trim('"')), Category: line[(line.LastIndexOf(',') + 1)..]));
        var shuffled = queries.DistinctBy(query => query.Term).ToArray();
        new Random(1).Shuffle(shuffled);
        return [.. shuffled];
    }

    private static Task<BenchmarkDatabase> CreateAsync(string server)
        => BenchmarkDatabase.CreateAsync(server, [MigrationSet.Core, MigrationSet.Vector], services =>
        {
            services.AddChatProviders().AddEmbedMissing().AddRebuildClusters();
            services.Configure<ProviderOptions>(options => options.Mode = ProviderMode.Local);
        });

    private static async Task AddAsync(BenchmarkDatabase database, IEnumerable<(string Term, string Category)> queries)
    {
        await using (var command = database.DataSource.CreateCommand("insert into keywords (term) select unnest(@terms)"))
        {
            command.Parameters.Add(new NpgsqlParameter<string[]>("terms", [.. queries.Select(query => query.Term)]));
            await command.ExecuteNonQueryAsync();
        }

        await RunAsync(database, JobCatalog.EmbedMissing);
    }

    private static async Task<JobAnswer> RunAsync(BenchmarkDatabase database, string job)
    {
        var answer = await database.Runner.RunAsync(new RunRequest(job, RunTrigger.Cli), CancellationToken.None);
        return answer.Status == RunStatus.Succeeded ? answer : throw new InvalidOperationException($"{job} did not succeed: {answer.Body}");
    }

    // Keywords are taken as they were at the last rebuild: who joined since by embed-missing is judged by the next one.
    private static async Task<(Dictionary<string, Guid?> After, bool IsSame)> RebuildAsync(
        BenchmarkDatabase database, int day, Dictionary<string, string> truth, Dictionary<string, Guid?> before)
    {
        var answer = await RunAsync(database, JobCatalog.RebuildClusters);
        var after = new Dictionary<string, Guid?>();
        await using (var command = database.DataSource.CreateCommand(MembersSql))
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                after[reader.GetString(0)] = reader.IsDBNull(1) ? null : reader.GetGuid(1);
            }
        }

        var numbers = after.Values.Where(id => id is not null).Distinct().Select((id, i) => (id, i)).ToDictionary(pair => pair.id!.Value, pair => pair.i);
        var kept = before.Count == 0 ? 1 : Kept(before, after);
        var (created, retired) = ((long)answer.Body["created"]!, (long)answer.Body["retired"]!);
        Console.Write(Line($"  day {day,2} {after.Count,6} keywords, {created,3} created {retired,3} retired, kept {kept:F4}"));
        Console.Write($"   {Quality(truth, after.ToDictionary(one => one.Key, one => one.Value is { } id ? numbers[id] : ClusteringResult.Outlier))}");
        Console.WriteLine($"   {Quality(truth, ClusterAnew(after.Keys))}");
        return (after, created + retired == 0);
    }

    private static Dictionary<string, int> ClusterAnew(IEnumerable<string> keywords)
    {
        string[] terms = [.. keywords.Order(StringComparer.Ordinal)];
        var vectors = ClusterData.Reduce([.. terms.Select(ClusterData.Embed)], DimensionReduction.DefaultFor(LexicalEmbedding.Model));
        return terms.Zip(ClusterQualityBenchmark.Cluster(vectors, new ClusteringOptions()).Assignments).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private static string Quality(Dictionary<string, string> truth, Dictionary<string, int> clusters)
    {
        var judged = clusters.Keys.Where(truth.ContainsKey).ToList();
        var quality = PartitionQuality.Of([.. judged.Select(term => truth[term])], [.. judged.Select(term => clusters[term])]);
        var outliers = clusters.Values.Count(cluster => cluster < 0) / (double)clusters.Count;
        return Line($"{clusters.Values.Where(cluster => cluster >= 0).Distinct().Count(),4} {quality.VMeasure:F3} {quality.AdjustedRand:F3} {outliers,6:P1}");
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // A member that became an outlier has lost its cluster.
    private static double Kept(Dictionary<string, Guid?> before, Dictionary<string, Guid?> after)
    {
        var members = before.Where(one => one.Value is not null).ToList();
        return members.Count(one => after[one.Key] == one.Value) / (double)members.Count;
    }
}
