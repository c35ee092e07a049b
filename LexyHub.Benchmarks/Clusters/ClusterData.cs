using System.Text.Json;
using LexyHub.Benchmarks.Surge;
using LexyHub.Core.Clusters.Numerics;
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

    public static LabelledVectors Adthena(string folder)
        => Embed("adthena", Records(folder, "adthena_shopping_queries_5000.csv", ',', header: false, 0, 1), fewest: 5);

    public static LabelledVectors Wands(string folder)
        => Embed("wands", Records(folder, "wands_query.csv", '\t', header: true, 1, 2), fewest: 3);

    public static LabelledVectors Banking(string folder)
        => Embed("banking77 test", Records(folder, "banking77_test.csv", ',', header: true, 0, 1), fewest: 1);

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
        => [.. Records(folder, "adthena_shopping_queries_5000.csv", ',', header: false, 0, 1)
            .Concat(Records(folder, "wands_query.csv", '\t', header: true, 1, 2))
            .Concat(Records(folder, "banking77_test.csv", ',', header: true, 0, 1))
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

    private static LabelledVectors Embed(string name, List<(string Text, string Class)> records, int fewest)
    {
        var sizes = records.CountBy(record => record.Class).ToDictionary();
        var kept = records.Where(record => sizes[record.Class] >= fewest).OrderBy(record => record.Text, StringComparer.Ordinal).ToArray();
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
