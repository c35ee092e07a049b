using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Core.Tests.Clusters;

/// <summary>Vectors made for a test, the same in every run.</summary>
internal static class NumericsVectors
{
    /// <summary>Groups around random directions; row i belongs to group i / each.</summary>
    public static VectorSet Groups(int groups, int each, int dimensions, double noise = 0.4, ulong seed = 7)
        => Of(dimensions, GroupRows(groups, each, dimensions, noise, seed));

    public static List<float[]> GroupRows(int groups, int each, int dimensions, double noise = 0.4, ulong seed = 7)
    {
        var random = new SplitMix(seed);
        var rows = new List<float[]>();
        for (var group = 0; group < groups; group++)
        {
            var centre = Enumerable.Range(0, dimensions).Select(_ => random.NextGaussian()).ToArray();
            for (var i = 0; i < each; i++)
                rows.Add([.. centre.Select(value => (float)(value + (noise * random.NextGaussian())))]);
        }

        return rows;
    }

    public static VectorSet Of(int dimensions, IReadOnlyCollection<float[]> rows)
    {
        var vectors = new VectorSet(dimensions, rows.Count);
        foreach (var row in rows)
            Assert.Equal(VectorRejection.None, vectors.TryAdd(row));
        return vectors;
    }

    public static ClusteringResult Cluster(
        VectorSet vectors, ClusteringOptions? options = null, int[]? previous = null, bool? wide = null)
    {
        var clustering = SphericalClustering.Start(vectors, options ?? new ClusteringOptions(), previous ?? [], wide: wide);
        while (clustering.Step(default))
        {
        }

        return clustering.Finish();
    }
}
