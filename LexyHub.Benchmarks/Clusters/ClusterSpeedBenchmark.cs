using System.Globalization;
using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>K-means beside FAISS and scikit-learn: the same vectors, the same first centroids, the same number of passes.</summary>
internal static class ClusterSpeedBenchmark
{
    private const double MostShareOfFaiss = 0.5;

    // Float sums of a hundred thousand cosines differ by as much between two ways of adding them up.
    private const double SameObjective = 1e-5;
    private const int Rows = 100_000;
    private const int Dimensions = 512;
    private const int Clusters = 1_000;
    private const int Passes = 20;
    private const int Repeats = 3;

    // As many as the references have.
    private const int Threads = 2;

    // The least of three times still varies by a few per cent, and the bounds pass over a somewhat different share at each size.
    private const double SameTimePerProduct = 1.25;

    public static Task<int> RunAsync(string[] args)
    {
        if (args is not [] and not ["--no-reference"])
        {
            Console.WriteLine("Options: --no-reference (our own times only)");
            return Task.FromResult(args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage);
        }

        using var reference = args is [] ? PythonReference.Find() : null;
        if (reference is null && args is [])
        {
            Console.Error.WriteLine($"FAISS and scikit-learn are missing: {PythonReference.Install}");
            return Task.FromResult(BenchmarkCommand.Usage);
        }

        var bits = TileKernel.IsWide ? 512 : 32 * System.Numerics.Vector<float>.Count;
        Console.WriteLine(Line(
            $"{Rows:N0} x {Dimensions}, k = {Clusters:N0}, {Passes} passes, {Threads} threads, registers of {bits} bits"));
        var met = Compare("noisy mixture", VectorMixtures.Noisy(Rows, Dimensions, Clusters), reference);
        if (ClusterData.Folder is { } folder)
            met &= Compare("real queries", VectorMixtures.PerturbedQueries(ClusterData.Texts(folder), Rows, Dimensions), reference);
        else
            Console.WriteLine("real queries: not measured, LEXYHUB_DATA names no folder");

        return Task.FromResult(met ? BenchmarkCommand.Done : BenchmarkCommand.Missed);
    }

    private static bool Compare(string name, VectorSet vectors, PythonReference? reference)
    {
        // Warms up the code.
        KMeans(vectors.Take(5_000), 100);
        Console.WriteLine();
        Console.WriteLine($"{name}: seconds, mean cosine to the nearest centroid");
        var (seconds, objective, products) = KMeans(vectors, Clusters);
        Console.WriteLine(Line($"  {"lexyhub",-26} {seconds,8:F2} {objective,9:F5}   {Share(products, vectors):P0} of all products"));
        var met = true;
        foreach (var other in reference?.KMeans(vectors, First(vectors, Clusters), Clusters, Passes) ?? [])
        {
            Console.WriteLine(Line(
                $"  {other.Name,-26} {other.Seconds,8:F2} {other.Objective,9:F5}   {other.Version}; ours takes {seconds / other.Seconds:F2} of it"));
            if (other.Name.StartsWith("faiss", StringComparison.Ordinal))
                met = seconds <= MostShareOfFaiss * other.Seconds && objective >= other.Objective - SameObjective;
        }

        if (reference is not null)
            Console.WriteLine(Line($"Target: at most {MostShareOfFaiss} of FAISS's time, objective no worse: {(met ? "met" : "missed")}."));
        return met & IsLinear(vectors);
    }

    // Each size several times, and the least of them: nothing else makes it faster than it is.
    private static bool IsLinear(VectorSet vectors)
    {
        var perProduct = new List<double>();
        foreach (var rows in (int[])[vectors.Count / 4, vectors.Count / 2, vectors.Count])
        {
            var some = vectors.Take(rows);
            var (seconds, _, products) = Enumerable.Range(0, Repeats).Select(_ => KMeans(some, Clusters)).MinBy(run => run.Seconds);
            perProduct.Add(seconds / products * 1e9);
            Console.WriteLine(Line(
                $"  {rows,9:N0} rows                {seconds,8:F2}             {Share(products, some):P0} of all products, {perProduct[^1]:F3} ns each"));
        }

        var met = perProduct.Max() <= SameTimePerProduct * perProduct.Min();
        Console.WriteLine(Line($"Target: linear in the rows, time per product the same within {SameTimePerProduct}: {(met ? "met" : "missed")}."));
        return met;
    }

    private static double Share(long products, VectorSet vectors) => products / ((double)vectors.Count * Clusters * Passes);

    private static (double Seconds, double Objective, long Products) KMeans(VectorSet vectors, int clusters)
    {
        var centroids = First(vectors, clusters);
        var (assignments, similarities) = (new int[vectors.Count], new float[vectors.Count]);
        Array.Fill(assignments, -1);
        var startedAt = TimeProvider.System.GetTimestamp();
        var means = new SphericalKMeans(vectors, centroids, assignments, similarities, new ParallelOptions { MaxDegreeOfParallelism = Threads });
        for (var pass = 0; pass < Passes; pass++)
        {
            means.Assign(0, vectors.Count);
            means.Recentre();
        }

        var seconds = TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds;
        var products = means.Products;
        means.Assign(0, vectors.Count);
        return (seconds, similarities.Average(similarity => (double)similarity), products);
    }

    private static float[] First(VectorSet vectors, int clusters)
    {
        var centroids = new float[clusters * vectors.Dimensions];
        for (var cluster = 0; cluster < clusters; cluster++)
            vectors[(int)((long)cluster * vectors.Count / clusters)].CopyTo(centroids.AsSpan(cluster * vectors.Dimensions));
        return centroids;
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
