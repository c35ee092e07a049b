using System.Text.Json.Nodes;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Pgvector;

namespace LexyHub.Core.Tests.Clusters;

/// <summary>The product over a database with pgvector, whose keywords have vectors that tests can foresee.</summary>
internal sealed class ClusterHost : IAsyncDisposable
{
    private ClusterHost(string connectionString, JobHost jobs, TopicEmbeddings embeddings, FakeTimeProvider time)
    {
        ConnectionString = connectionString;
        Jobs = jobs;
        Embeddings = embeddings;
        Time = time;
    }

    public string ConnectionString { get; }

    public JobHost Jobs { get; }

    public TopicEmbeddings Embeddings { get; }

    public FakeTimeProvider Time { get; }

    public static async Task<ClusterHost> CreateAsync(
        VectorPostgres postgres, IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? configure = null)
    {
        var (embeddings, time) = (new TopicEmbeddings(), new FakeTimeProvider(new DateTimeOffset(2026, 3, 20, 2, 30, 0, TimeSpan.Zero)));
        var all = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?> { ["Providers:Mode"] = "local" });
        all.TryAdd("Clusters:TargetSize", "6");
        var connectionString = await postgres.CreateDatabaseAsync();
        var jobs = JobHost.Create(
            connectionString,
            all,
            time: time,
            configure: services =>
            {
                services.Replace(ServiceDescriptor.Singleton<IEmbeddingServiceFactory>(embeddings));
                configure?.Invoke(services);
            });
        await jobs.Services.GetRequiredService<Migrator>().ApplyAsync([], CancellationToken.None);
        return new ClusterHost(connectionString, jobs, embeddings, time);
    }

    /// <summary>Terms of a topic: "gold 0", "gold 1" …</summary>
    public static IEnumerable<string> Topic(string name, int count, int first = 0) => Enumerable.Range(first, count).Select(i => $"{name} {i:00}");

    /// <summary>Adds keywords and gives them vectors.</summary>
    public async Task<JobAnswer> AddAsync(string market, IEnumerable<string> terms, string source = "manual")
    {
        await using (var command = Jobs.DataSource.CreateCommand("insert into keywords (term, market, source) select unnest(@terms), @market, @source"))
        {
            command.Parameters.AddWithValue("source", source);
            command.Parameters.AddWithValue("terms", terms.ToArray());
            command.Parameters.AddWithValue("market", market);
            await command.ExecuteNonQueryAsync();
        }

        return await EmbedAsync();
    }

    /// <summary>Adds thousands of keywords of a topic, "gold 0000", "gold 0001" …, and their vectors, without a model.</summary>
    public async Task AddManyAsync(string market, string topic, int count)
    {
        await using var command = Jobs.DataSource.CreateCommand("""
            with added as (insert into keywords (term, market) select term, @market from unnest(@terms) as t (term))
            insert into embeddings (term_hash, term, embedding, model)
            select encode(sha256(convert_to(@model || '::' || term, 'UTF8')), 'hex'), term, embedding, @model from unnest(@terms, @vectors) as t (term, embedding)
            """);
        var random = new Random(17);
        var about = Embeddings.VectorOf(topic);
        command.Parameters.AddWithValue("terms", Enumerable.Range(0, count).Select(i => $"{topic} {i:0000}").ToArray());
        command.Parameters.AddWithValue("market", market);
        command.Parameters.AddWithValue("model", Embeddings.Model);
        command.Parameters.AddWithValue("vectors", Enumerable.Range(0, count).Select(_ => Near()).ToArray());
        await command.ExecuteNonQueryAsync();

        Vector Near()
        {
            var vector = about.ToArray();
            for (var i = 0; i < 32; i++)
            {
                vector[random.Next(vector.Length)] += 0.4f;
            }

            return new Vector(vector);
        }
    }

    public Task<JobAnswer> EmbedAsync() => Jobs.RunAsync(new RunRequest(JobCatalog.EmbedMissing, RunTrigger.Cli));

    public Task<JobAnswer> RebuildAsync(Action<JobProgress>? report = null) => Jobs.RunAsync(new RunRequest(JobCatalog.RebuildClusters, RunTrigger.Cli)
    {
        Progress = report is null ? null : new Callback(report),
    });

    /// <summary>A run whose budget is over with the first thing it reports.</summary>
    public Task<JobAnswer> RebuildForAMomentAsync() => Jobs.RunAsync(new RunRequest(JobCatalog.RebuildClusters, RunTrigger.Http)
    {
        Progress = new Callback(_ => Time.Advance(TimeSpan.FromSeconds(201))),
    });

    /// <summary>Runs that end after one step each, until the rebuild is at a stage.</summary>
    public async Task RebuildUntilAsync(string stage)
    {
        JobAnswer answer;
        do
        {
            answer = await RebuildForAMomentAsync();
            Assert.Equal(RunStatus.Partial, answer.Status);
        }
        while (!((string?)answer.Body["message"])!.Contains($"({stage})", StringComparison.Ordinal));
    }

    /// <summary>All that readers see, without what tells when it was made.</summary>
    public async Task<string> DumpAsync() => await Jobs.QueryAsync<string>("""
        select coalesce((select string_agg(concat_ws('|', id, label, description, members, md5(centroid_vector::text), extras - 'audit'), E'\n' order by id) from concept_clusters), '')
            || E'\n\n' || coalesce((
                select string_agg(concat_ws('|', market, term, cluster_id, similarity, rank), E'\n' order by market, term, keyword_id)
                from lexyhub_jobs.cluster_members), '')
        """);

    /// <summary>Each cluster's members, in the order of the clusters' first members.</summary>
    public Task<string> MembersAsync() => Jobs.QueryAsync<string>("""
        select coalesce(string_agg(terms, ' / ' order by terms), '') from (
            select string_agg(market || ':' || term, ',' order by market, term) as terms from lexyhub_jobs.cluster_members group by cluster_id) c
        """);

    public static long Count(JobAnswer answer, string name)
        => answer.Body[name] is JsonNode value ? (long)value : throw new InvalidOperationException(answer.Body.ToJsonString());

    public ValueTask DisposeAsync() => Jobs.DisposeAsync();

    private sealed class Callback(Action<JobProgress> report) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => report(value);
    }
}
