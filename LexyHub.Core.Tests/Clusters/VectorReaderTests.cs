using System.Globalization;
using LexyHub.Core.Clusters;
using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Pgvector;

namespace LexyHub.Core.Tests.Clusters;

[Collection(VectorPostgresCollection.Name)]
public sealed class VectorReaderTests(VectorPostgres postgres)
{
    private const string Matryoshka = "text-embedding-3-large";
    private const int Dimensions = 48;
    private const int Terms = 700;

    // A page has two pieces and a part of one.
    private const int PageSize = 300;

    [Theory]
    [InlineData(Matryoshka, 16, "prefix")]
    [InlineData(Matryoshka, 48, "none")]
    [InlineData("local", 16, "projection")]
    public async Task ReadAsync_PageAfterPage_GivesEachTermItsVectorAndSaysWhatIsUnfit(string model, int dimensions, string name)
    {
        await using var host = JobHost.Create(await postgres.CreateDatabaseAsync());
        await host.Services.GetRequiredService<Migrator>().ApplyAsync([], CancellationToken.None);
        float[]?[] vectors = [.. NumericsVectors.GroupRows(groups: Terms, each: 1, Dimensions)];
        vectors[5] = null;
        vectors[260] = null;
        vectors[127] = new float[Dimensions];
        vectors[128] = vectors[128]![..16];
        vectors[299] = vectors[299]![..40];
        await FillAsync(host, model, vectors);
        var reduction = DimensionReduction.For(model, Dimensions, dimensions);
        Assert.Equal(name, reduction.Name);
        var reader = new VectorReader(host.DataSource, model, reduction);

        var read = new Dictionary<string, (string Markets, float[] Vector)>();
        var (pages, missing, rejected) = (0, 0, new List<ItemError>());
        for (var after = ""; after is not null; pages++)
        {
            var page = await (await reader.ReadAsync(after, PageSize, CancellationToken.None)).Decoded;
            foreach (var (term, markets, row) in page.Terms)
            {
                read.Add(term, (string.Join(',', markets), page.Vectors[(row * dimensions)..((row + 1) * dimensions)]));
            }

            (missing, after) = (missing + page.Missing, page.Last);
            rejected.AddRange(page.Rejected);
        }

        Assert.Equal((3, 2, Terms - 5), (pages, missing, read.Count));
        Assert.Equal(["keyword term 127", "keyword term 128", "keyword term 299"], rejected.Select(error => error.Item).Order());
        Assert.Contains("length zero", rejected[0].Error, StringComparison.Ordinal);
        Assert.All(rejected.Skip(1), error => Assert.Contains("has not the 48 dimensions", error.Error, StringComparison.Ordinal));
        foreach (var (term, (markets, vector)) in read)
        {
            var number = int.Parse(term[5..], CultureInfo.InvariantCulture);
            var expected = new float[dimensions];
            reduction.Apply(vectors[number].AsSpan(0, reduction.ReadDimensions), expected);
            Assert.Equal(expected, vector);
            Assert.Equal(number % 10 == 0 ? "uk,us" : "us", markets);
        }
    }

    private static async Task FillAsync(JobHost host, string model, float[]?[] vectors)
    {
        await host.ExecuteAsync($"""
            alter table embeddings alter column embedding type vector;
            insert into keywords (term, market) select to_char(i, '"term "FM000'), 'us' from generate_series(0, {Terms - 1}) i;
            insert into keywords (term, market) select to_char(i, '"Term  "FM000'), 'uk' from generate_series(0, {Terms - 1}, 10) i;
            insert into keywords (term, market) values ('gone', 'us');
            update lexyhub_jobs.keyword_terms t set term = lower(replace(k.term, '  ', ' ')), source_term = k.term from keywords k where k.id = t.keyword_id;
            alter table keywords disable trigger user;
            delete from keywords where term = 'gone';
            """);
        await using var command = host.DataSource.CreateCommand("""
            insert into embeddings (term_hash, term, embedding, model)
            select encode(sha256(convert_to(@model || '::' || v.term, 'UTF8')), 'hex'), v.term, v.embedding, @model from unnest(@terms, @vectors) as v (term, embedding)
            """);
        var numbers = Enumerable.Range(0, vectors.Length).Where(i => vectors[i] is not null).ToArray();
        command.Parameters.AddWithValue("model", model);
        command.Parameters.AddWithValue("terms", numbers.Select(i => $"term {i:000}").ToArray());
        command.Parameters.AddWithValue("vectors", numbers.Select(i => new Vector(vectors[i])).ToArray());
        await command.ExecuteNonQueryAsync();
    }
}
