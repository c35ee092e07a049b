using LexyHub.Core.Clusters;
using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>One rebuild, and what there is after it.</summary>
/// <param name="Warm">Of the clusters as they are.</param>
/// <param name="Cold">Of those that would be found without a yesterday.</param>
internal sealed record StabilityDay(
    int Keywords, long Created, long Retired, MemberLosses Losses, int Clusters, PartitionQuality Warm, int ColdClusters, PartitionQuality Cold);

/// <summary>Queries that arrive over some days, with a rebuild a day over a database of its own; last, a rebuild with nothing new.</summary>
internal sealed class StabilityRun : IAsyncDisposable
{
    private const string MembersSql = """
        select k.term, m.cluster_id from keywords k left join lexyhub_jobs.cluster_members m on m.keyword_id = k.id
        """;

    private readonly BenchmarkDatabase database;
    private readonly IReadOnlyDictionary<string, string> truth;
    private Dictionary<string, Guid?> members = [];

    private StabilityRun(BenchmarkDatabase database, IReadOnlyDictionary<string, string> truth)
    {
        this.database = database;
        this.truth = truth;
    }

    /// <param name="server">See <see cref="BenchmarkDatabase.FindServer"/>.</param>
    /// <param name="truth">Classes by term; what has none is clustered, but not judged.</param>
    public static async Task<StabilityRun> CreateAsync(string server, IReadOnlyDictionary<string, string> truth)
        => new(
            await BenchmarkDatabase.CreateAsync(server, [MigrationSet.Core, MigrationSet.Vector], services =>
            {
                services.AddChatProviders().AddEmbedMissing().AddRebuildClusters();
                services.Configure<ProviderOptions>(options => options.Mode = ProviderMode.Local);
            }),
            truth);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    /// <param name="arriving">In the order in which they arrive.</param>
    /// <param name="days">After the first one, 0.</param>
    /// <param name="growth">Of each day, as a share of what there is.</param>
    /// <returns>Of the first day, of those that follow, and of one more without anything new.</returns>
    public async IAsyncEnumerable<StabilityDay> DaysAsync(IReadOnlyList<string> arriving, int days, double growth)
    {
        var added = (int)Math.Round(arriving.Count / Math.Pow(1 + growth, days));
        await AddAsync(arriving.Take(added));
        yield return await RebuildAsync();
        for (var day = 1; day <= days; day++)
        {
            var next = day == days ? arriving.Count : (int)Math.Round(added * (1 + growth));
            await AddAsync(arriving.Skip(added).Take(next - added));
            added = next;
            yield return await RebuildAsync();
        }

        yield return await RebuildAsync();
    }

    private async Task AddAsync(IEnumerable<string> terms)
    {
        await using (var command = database.DataSource.CreateCommand("insert into keywords (term) select unnest(@terms)"))
        {
            command.Parameters.Add(new NpgsqlParameter<string[]>("terms", [.. terms]));
            await command.ExecuteNonQueryAsync();
        }

        await RunAsync(JobCatalog.EmbedMissing);
    }

    // Keywords are taken as they were at the last rebuild: who joined since by embed-missing is judged by the next one.
    private async Task<StabilityDay> RebuildAsync()
    {
        var answer = await RunAsync(JobCatalog.RebuildClusters);
        var before = members;
        members = [];
        await using (var command = database.DataSource.CreateCommand(MembersSql))
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                members[reader.GetString(0)] = reader.IsDBNull(1) ? null : reader.GetGuid(1);
            }
        }

        string[] terms = [.. members.Keys.Order(StringComparer.Ordinal)];
        var numbers = members.Values.OfType<Guid>().Distinct().Select((id, i) => (id, i)).ToDictionary(pair => pair.id, pair => pair.i);
        var warm = terms.Select(term => members[term] is { } id ? numbers[id] : ClusteringResult.Outlier).ToArray();
        var cold = ClusterAnew(terms);
        return new StabilityDay(
            terms.Length,
            (long)answer.Body["created"]!,
            (long)answer.Body["retired"]!,
            MemberLosses.Of(before, members),
            numbers.Count,
            Judge(terms, warm),
            cold.ClusterCount,
            Judge(terms, cold.Assignments));
    }

    private async Task<JobAnswer> RunAsync(string job)
    {
        var answer = await database.Runner.RunAsync(new RunRequest(job, RunTrigger.Cli), CancellationToken.None);
        return answer.Status == RunStatus.Succeeded ? answer : throw new InvalidOperationException($"{job} did not succeed: {answer.Body}");
    }

    private static ClusteringResult ClusterAnew(string[] terms)
        => ClusterQualityBenchmark.Cluster(
            ClusterData.Reduce([.. terms.Select(ClusterData.Embed)], DimensionReduction.DefaultFor(LexicalEmbedding.Model)), new ClusteringOptions());

    // The share of outliers is that of all terms, whether or not they are judged.
    private PartitionQuality Judge(string[] terms, int[] clusters)
    {
        var judged = Enumerable.Range(0, terms.Length).Where(i => truth.ContainsKey(terms[i])).ToList();
        return PartitionQuality.Of([.. judged.Select(i => truth[terms[i]])], [.. judged.Select(i => clusters[i])]) with
        {
            Outliers = clusters.Count(cluster => cluster < 0) / (double)clusters.Length,
        };
    }
}
