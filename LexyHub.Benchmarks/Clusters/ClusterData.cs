using System.Text.Json;
using LexyHub.Benchmarks.Surge;
using LexyHub.Core.Clusters.Numerics;
using LexyHub.Core.Data;
using LexyHub.Core.Embeddings;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>Vectors of a real set in the order of their texts, with the class of each.</summary>
internal sealed record LabelledVectors(string Name, VectorSet Vectors, IReadOnlyList<string> Classes)
{
    public int ClassCount => Classes.Distinct().Count();
}

/// <summary>The real sets of the folder that LEXYHUB_DATA names, embedded locally as keywords are.</summary>
internal static class ClusterData
{
    private const int StoredDimensions = 3_072;

    public static string? Folder => Environment.GetEnvironmentVariable("LEXYHUB_DATA") is { Length: > 0 } folder && Directory.Exists(folder)
        ? folder
        : null;

    private static readonly Dictionary<string, (Func<string, List<(string Text, string Class)>> Read, int Fewest)> Sets = new()
    {
        ["adthena"] = (folder => Records(folder, "adthena_shopping_queries_5000.csv", ',', header: false, 0, 1), 5),
        ["wands"] = (folder => Records(folder, "wands_query.csv", '\t', header: true, 1, 2), 3),
        ["banking77"] = (folder => Records(folder, "banking77_test.csv", ',', header: true, 0, 1), 1),
    };

    /// <summary>The sets that <see cref="Queries"/> reads.</summary>
    public static IReadOnlyCollection<string> QuerySets => Sets.Keys;

    public static LabelledVectors Adthena(string folder) => Embed("adthena", "adthena", folder);

    public static LabelledVectors Wands(string folder) => Embed("wands", "wands", folder);

    public static LabelledVectors Banking(string folder) => Embed("banking77 test", "banking77", folder);

    /// <summary>All queries of a set in normal form, each once, in the order of the file.</summary>
    /// <returns>With the class, null where it has too few of them to be judged by.</returns>
    public static IReadOnlyList<(string Text, string? Class)> Queries(string folder, string set)
    {
        var queries = Sets[set].Read(folder).Select(record => (Text: TermText.Normalize(record.Text), record.Class)).DistinctBy(query => query.Text).ToList();
        var sizes = queries.CountBy(query => query.Class).ToDictionary();
        return [.. queries.Select(query => (query.Text, sizes[query.Class] >= Sets[set].Fewest ? query.Class : null))];
    }

    /// <summary>Real embeddings, as they are.</summary>
    public static LabelledVectors Hotels(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "hotels_ada_1536.json")));
        var hotels = document.RootElement.EnumerateArray().ToArray();
        var vectors = new VectorSet(hotels[0].GetProperty("DescriptionVector").GetArrayLength(), hotels.Length);
        foreach (var hotel in hotels)
            vectors.TryAdd([.. hotel.GetProperty("DescriptionVector").EnumerateArray().Select(value => value.GetSingle())]);
        return new LabelledVectors("hotels", vectors, [.. hotels.Select(hotel => hotel.GetProperty("Category").GetString()!)]);
    }

    /// <summary>Every query of the three sets.</summary>
    public static IReadOnlyList<string> Texts(string folder)
        => [.. Sets.Values.SelectMany(set => set.Read(folder))
            .Concat(Records(folder, "banking77_train.csv", ',', header: true, 0, 1))
            .Select(record => record.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    public static float[] Embed(string text)
    {
        var vector = new float[StoredDimensions];
        LexicalEmbedding.Embed(text, vector);
        return vector;
    }

    public static VectorSet Reduce(IReadOnlyCollection<float[]> rows, int dimensions)
    {
        var reduction = DimensionReduction.For(LexicalEmbedding.Model, StoredDimensions, dimensions);
        var vectors = new VectorSet(reduction.Dimensions, rows.Count);
        var reduced = new float[reduction.Dimensions];
        foreach (var row in rows)
        {
            reduction.Apply(row, reduced);
            vectors.TryAdd(reduced);
        }

        return vectors;
    }

    private static LabelledVectors Embed(string name, string set, string folder)
    {
        var records = Sets[set].Read(folder);
        var sizes = records.CountBy(record => record.Class).ToDictionary();
        var kept = records.Where(record => sizes[record.Class] >= Sets[set].Fewest).OrderBy(record => record.Text, StringComparer.Ordinal).ToArray();
        return new LabelledVectors(
            name,
            Reduce([.. kept.Select(record => Embed(record.Text))], DimensionReduction.DefaultFor(LexicalEmbedding.Model)),
            [.. kept.Select(record => record.Class)]);
    }

    private static List<(string Text, string Class)> Records(
        string folder, string file, char delimiter, bool header, int text, int category)
        => [.. CsvText.Rows(File.ReadAllText(Path.Combine(folder, file)), delimiter)
            .Skip(header ? 1 : 0)
            .Where(row => row.Length > category)
            .Select(row => (row[text], row[category]))];
}
