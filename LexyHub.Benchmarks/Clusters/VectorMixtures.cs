using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>Large sets of vectors, the same in every run.</summary>
internal static class VectorMixtures
{
    /// <summary>
    /// Random unit directions as centres, of sizes that vary exponentially, with Gaussian noise of 0.03 to 0.10 in each dimension:
    /// in 512 dimensions its length is 0.7 to 2.3 times that of the centre. Rows come in random order.
    /// </summary>
    public static VectorSet Noisy(int rows, int dimensions, int clusters)
    {
        var random = new SplitMix(20_241);
        var centres = Enumerable.Range(0, clusters).Select(_ => Direction(random, dimensions)).ToArray();
        var noises = Enumerable.Range(0, clusters).Select(_ => 0.03 + (0.07 * random.NextDouble())).ToArray();
        var ends = new double[clusters];
        for (var cluster = 0; cluster < clusters; cluster++)
            ends[cluster] = (cluster == 0 ? 0 : ends[cluster - 1]) - Math.Log(1 - random.NextDouble());

        var vectors = new VectorSet(dimensions, rows);
        var row = new float[dimensions];
        while (vectors.Count < rows)
        {
            var found = Array.BinarySearch(ends, random.NextDouble() * ends[^1]);
            var cluster = Math.Min(found < 0 ? ~found : found, clusters - 1);
            for (var i = 0; i < dimensions; i++)
                row[i] = (float)(centres[cluster][i] + (noises[cluster] * random.NextGaussian()));
            vectors.TryAdd(row);
        }

        return vectors;
    }

    /// <summary>Vectors of real texts, each taken again and again with Gaussian noise of half of its length until there are enough.</summary>
    public static VectorSet PerturbedQueries(IReadOnlyList<string> texts, int rows, int dimensions)
    {
        var random = new SplitMix(20_242);
        var real = ClusterData.Reduce([.. texts.Select(ClusterData.Embed)], dimensions);
        var vectors = new VectorSet(dimensions, rows);
        var row = new float[dimensions];
        var noise = 0.5 / Math.Sqrt(dimensions);
        while (vectors.Count < rows)
        {
            var text = real[(int)(random.NextDouble() * real.Count)];
            for (var i = 0; i < dimensions; i++)
                row[i] = (float)(text[i] + (noise * random.NextGaussian()));
            vectors.TryAdd(row);
        }

        return vectors;
    }

    private static double[] Direction(SplitMix random, int dimensions)
    {
        var direction = Enumerable.Range(0, dimensions).Select(_ => random.NextGaussian()).ToArray();
        var length = Math.Sqrt(direction.Sum(value => value * value));
        return [.. direction.Select(value => value / length)];
    }
}
