using System.Globalization;
using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>What fewer dimensions cost: how many texts keep their nearest neighbour, and how far cosines are off.</summary>
internal static class ReductionLossBenchmark
{
    private const int Queries = 1_000;

    public static Task<int> RunAsync(string[] args)
    {
        if (args is not [] || ClusterData.Folder is not { } folder)
        {
            Console.Error.WriteLine("cluster-reduction takes no options; LEXYHUB_DATA names the folder of the real sets.");
            return Task.FromResult(BenchmarkCommand.Usage);
        }

        float[][] local = [.. ClusterData.Texts(folder).Take(5_000).Select(ClusterData.Embed)];
        Print("local vectors", local, "lexyhub-local-1", [256, 512, 1_024, 2_048]);
        var hotels = ClusterData.Hotels(folder).Vectors;
        Print("hotels (ada-002, not Matryoshka)", [.. Enumerable.Range(0, hotels.Count).Select(row => hotels[row].ToArray())], "text-embedding-ada-002", [256, 512, 1_024]);
        return Task.FromResult(BenchmarkCommand.Done);
    }

    private static void Print(string name, float[][] rows, string model, int[] widths)
    {
        Console.WriteLine($"{name}: {rows.Length} of {rows[0].Length} dimensions: nearest neighbour kept, root mean square error of the cosine");
        foreach (var width in widths)
        {
            Console.WriteLine(Line($"  {width,5}  prefix     {Loss(rows, "text-embedding-3-large", width)}"));
            Console.WriteLine(Line($"  {width,5}  projection {Loss(rows, model, width)}"));
        }
    }

    private static string Loss(float[][] rows, string model, int width)
    {
        var full = Set(rows, rows[0].Length, row => row);
        var reduction = DimensionReduction.For(model, rows[0].Length, width);
        var reduced = Set(rows, reduction.Dimensions, row =>
        {
            var target = new float[reduction.Dimensions];
            reduction.Apply(row.AsSpan(0, reduction.ReadDimensions), target);
            return target;
        });
        var count = Math.Min(Queries, full.Count);
        var (kept, squares) = (0, 0d);
        Parallel.For(0, count, query =>
        {
            var (best, bestReduced, error) = (Nearest.None, Nearest.None, 0d);
            for (var other = 0; other < full.Count; other++)
            {
                if (other == query)
                    continue;
                var (cosine, approximate) = (ExactDot.Of(full[query], full[other]), ExactDot.Of(reduced[query], reduced[other]));
                best = best.Or(other, cosine);
                bestReduced = bestReduced.Or(other, approximate);
                error += (cosine - approximate) * (cosine - approximate);
            }

            lock (rows)
            {
                kept += best.Cluster == bestReduced.Cluster ? 1 : 0;
                squares += error / (full.Count - 1);
            }
        });
        return Line($"{(double)kept / count,6:P1}  {Math.Sqrt(squares / count):F4}");
    }

    // A prefix of zeros has no direction; it stands for itself as a vector that is near nothing.
    private static VectorSet Set(float[][] rows, int dimensions, Func<float[], float[]> reduce)
    {
        var vectors = new VectorSet(dimensions, rows.Length);
        var nothing = new float[dimensions];
        nothing[0] = 1;
        foreach (var row in rows)
        {
            if (vectors.TryAdd(reduce(row)) != VectorRejection.None)
                vectors.TryAdd(nothing);
        }

        return vectors;
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
