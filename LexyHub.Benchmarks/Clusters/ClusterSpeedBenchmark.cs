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
            $"{Rows:N0} x {Dimensions}, k = {Clusters:N0}, {Passes} passes, {Environment.ProcessorCount} cores, registers of {bits} bits"));
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
        var computed = products / ((double)vectors.Count * Clusters * Passes);
        Console.WriteLine(Line($"  {"lexyhub",-26} {seconds,8:F2} {objective,9:F5}   {computed:P0} of all products"));
        var met = true;
        foreach (var other in reference?.KMeans(vectors, First(vectors, Clusters), Clusters, Passes) ?? [])
        {
            Console.WriteLine(Line(
                $"  {other.Name,-26} {other.Seconds,8:F2} {other.Objective,9:F5}   {other.Version}; ours takes {seconds / other.Seconds:F2} of it"));
            if (other.Name.StartsWith("faiss", StringComparison.Ordinal))
                met = seconds <= MostShareOfFaiss * other.Seconds && objective >= other.Objective - SameObjective;
        }

        foreach (var rows in (int[])[vectors.Count / 4, vectors.Count / 2])
            Console.WriteLine(Line($"  {rows,9:N0} rows                {KMeans(vectors.Take(rows), Clusters).Seconds,8:F2}"));
        if (reference is not null)
            Console.WriteLine(Line($"Target: at most {MostShareOfFaiss} of FAISS's time, objective no worse: {(met ? "met" : "missed")}."));
        return met;
    }

    private static (double Seconds, double Objective, long Products) KMeans(VectorSet vectors, int clusters)
    {
        var centroids = First(vectors, clusters);
        var (assignments, similarities) = (new int[vectors.Count], new float[vectors.Count]);
        Array.Fill(assignments, -1);
        var startedAt = TimeProvider.System.GetTimestamp();
        var means = new SphericalKMeans(vectors, centroids, assignments, similarities, new ParallelOptions());
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
