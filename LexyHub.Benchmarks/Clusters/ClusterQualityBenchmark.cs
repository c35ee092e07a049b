using System.Globalization;
using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>V-measure, adjusted Rand index and share of outliers on real sets, beside FAISS and scikit-learn.</summary>
internal static class ClusterQualityBenchmark
{
    // Seen with a plain hashed n-gram embedding and scikit-learn's KMeans, k given.
    private static readonly Dictionary<string, (double VMeasure, double AdjustedRand)> Targets = new()
    {
        ["adthena"] = (0.739, 0.096),
        ["wands"] = (0.722, 0.303),
        ["banking77 test"] = (0.549, 0.181),
    };

    public static Task<int> RunAsync(string[] args)
    {
        if (args is not [] and not ["--no-reference"])
        {
            Console.WriteLine("Options: --no-reference (our own figures only). LEXYHUB_DATA names the folder of the sets.");
            return Task.FromResult(args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage);
        }

        using var reference = args is [] ? PythonReference.Find() : null;
        if (ClusterData.Folder is not { } folder || (reference is null && args is []))
        {
            Console.Error.WriteLine(ClusterData.Folder is null
                ? "LEXYHUB_DATA names no folder with the real sets."
                : $"FAISS and scikit-learn are missing: {PythonReference.Install}");
            return Task.FromResult(BenchmarkCommand.Usage);
        }

        var met = true;
        LabelledVectors[] sets = [ClusterData.Adthena(folder), ClusterData.Wands(folder), ClusterData.Banking(folder), ClusterData.Hotels(folder)];
        foreach (var set in sets)
            met &= Compare(set, reference);

        return Task.FromResult(met ? BenchmarkCommand.Done : BenchmarkCommand.Missed);
    }

    /// <summary>Runs a clustering to its end.</summary>
    public static ClusteringResult Cluster(VectorSet vectors, ClusteringOptions options)
    {
        var clustering = SphericalClustering.Start(vectors, options);
        while (clustering.Step(CancellationToken.None))
        {
        }

        return clustering.Finish();
    }

    private static bool Compare(LabelledVectors set, PythonReference? reference)
    {
        Console.WriteLine();
        Console.WriteLine(Line($"{set.Name}: {set.Vectors.Count:N0} vectors of {set.Vectors.Dimensions}, {set.ClassCount} classes"));
        Console.WriteLine($"  {"",-34} {"clusters",8} {"V",7} {"ARI",7} {"outliers",9}");
        var seeds = Enumerable.Range(1, 5).Select(seed => PartitionQuality.Of(
            set.Classes, Cluster(set.Vectors, new ClusteringOptions { Count = set.ClassCount, Seed = (ulong)seed }).Assignments)).ToArray();
        var given = new PartitionQuality(seeds.Average(one => one.VMeasure), seeds.Average(one => one.AdjustedRand), 0);
        Print("lexyhub, k given, mean of 5 seeds", set.ClassCount, given);
        var worst = new PartitionQuality(seeds.Min(one => one.VMeasure), seeds.Min(one => one.AdjustedRand), 0);
        Print("  the least of them", set.ClassCount, worst);
        Print("  the most of them", set.ClassCount, new PartitionQuality(seeds.Max(one => one.VMeasure), seeds.Max(one => one.AdjustedRand), 0));
        foreach (var target in (int[])[5, 10, 20, 40])
        {
            var result = Cluster(set.Vectors, new ClusteringOptions { TargetSize = target });
            Print(Line($"lexyhub, k from data, target {target}"), result.ClusterCount, PartitionQuality.Of(set.Classes, result.Assignments));
        }

        foreach (var (name, labels) in reference?.Labels(set.Vectors, set.ClassCount) ?? [])
            Print(name, labels.Distinct().Count(label => label >= 0), PartitionQuality.Of(set.Classes, labels));

        if (!Targets.TryGetValue(set.Name, out var least))
            return true;

        // Clearly: with the worst seed too.
        var met = worst.VMeasure > least.VMeasure && worst.AdjustedRand > least.AdjustedRand;
        Console.WriteLine(Line($"  Target, k given: every seed above {least.VMeasure:F3} and {least.AdjustedRand:F3}: {(met ? "met" : "missed")}."));
        return met;
    }

    private static void Print(string name, int clusters, PartitionQuality quality)
        => Console.WriteLine(Line($"  {name,-34} {clusters,8} {quality.VMeasure,7:F3} {quality.AdjustedRand,7:F3} {quality.Outliers,9:P1}"));

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
