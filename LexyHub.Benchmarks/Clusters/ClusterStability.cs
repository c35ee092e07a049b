using System.Globalization;
using LexyHub.Core.Clusters;
using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>
/// Ten days, each with 5 % more keywords: how many of those that were there keep the id of their cluster, by the matching that the
/// job uses, and how good the clusters are each day beside those found without a yesterday.
/// </summary>
internal static class ClusterStability
{
    private const int Days = 10;
    private const double Growth = 1.05;
    private const double LeastKept = 0.95;

    public static bool Run(LabelledVectors set)
    {
        Console.WriteLine();
        Console.WriteLine(Line($"{set.Name}, {Days} days of 5 % more keywords: kept id, V and ARI; V and ARI without a yesterday"));
        var arrival = Arrival(set.Vectors.Count);
        var count = (int)(set.Vectors.Count / Math.Pow(Growth, Days));
        Guid?[] ids = new Guid?[set.Vectors.Count];
        IReadOnlyList<StoredCluster> stored = [];
        var met = true;
        for (var day = 0; day <= Days; day++)
        {
            var today = day == Days ? set.Vectors.Count : (int)(count * Math.Pow(Growth, day));
            var yesterday = ids.ToArray();
            stored = Next(set, arrival, today, ids, stored, out var result, out var matches);
            var fresh = ClusterQualityBenchmark.Cluster(Subset(set, arrival, today, out var rows), new ClusteringOptions());
            var survivors = rows.Where(row => yesterday[row] is not null && ids[row] is not null).ToArray();
            var left = rows.Count(row => yesterday[row] is not null && ids[row] is null);
            var kept = survivors.Length == 0 ? 1 : (double)survivors.Count(row => yesterday[row] == ids[row]) / (survivors.Length + left);
            var (with, without) = (Quality(set, rows, result), Quality(set, rows, fresh));
            Console.Write(Line($"  day {day,2} {rows.Length,6:N0} keywords {result.ClusterCount,4} clusters, "));
            Console.Write(Line($"{matches.Created,3} created {matches.Retired,3} retired, kept {kept,6:P1}"));
            Console.Write(Line($"   {with.VMeasure:F3} {with.AdjustedRand:F3} {with.Outliers,6:P1}"));
            Console.WriteLine(Line($"   {without.VMeasure:F3} {without.AdjustedRand:F3} {without.Outliers,6:P1}"));
            met &= kept >= LeastKept;
        }

        Next(set, arrival, set.Vectors.Count, ids, stored, out _, out var again);
        met &= again is { Created: 0, Retired: 0 };
        Console.WriteLine(Line($"  the same keywords again: {again.Created} created, {again.Retired} retired"));
        Console.WriteLine(Line($"Target: {LeastKept:P0} kept each day, nothing created or retired without a change: {(met ? "met" : "missed")}."));
        return met;
    }

    private static IReadOnlyList<StoredCluster> Next(
        LabelledVectors set, int[] arrival, int today, Guid?[] ids, IReadOnlyList<StoredCluster> stored, out ClusteringResult result, out ClusterMatches matches)
    {
        var vectors = Subset(set, arrival, today, out var rows);
        var numbers = stored.Select((cluster, i) => (cluster.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i);
        var found = result = ClusterQualityBenchmark.Cluster(
            vectors, new ClusteringOptions(), [.. rows.Select(row => ids[row] is { } id ? numbers[id] : ClusteringResult.Outlier)]);
        var terms = Enumerable.Range(0, found.ClusterCount).Select(_ => new List<string>()).ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            if (found.Assignments[i] >= 0)
                terms[found.Assignments[i]].Add(Term(rows[i]));
        }

        var clusters = terms.Select((members, i) => new NewCluster(i, "us", members, found.Centroid(i).ToArray())).ToArray();
        var identities = matches = ClusterMatching.Match(clusters, stored);
        var byNumber = identities.Identities.ToDictionary(identity => identity.Number, identity => identity.Id);
        for (var i = 0; i < rows.Length; i++)
            ids[rows[i]] = found.Assignments[i] >= 0 ? byNumber[found.Assignments[i]] : null;

        return [.. clusters.Select(cluster => new StoredCluster(byNumber[cluster.Number], "us", "", cluster.Terms, cluster.Centroid))
            .OrderBy(cluster => cluster.Id)];
    }

    private static PartitionQuality Quality(LabelledVectors set, int[] rows, ClusteringResult result)
        => PartitionQuality.Of([.. rows.Select(row => set.Classes[row])], result.Assignments);

    // The day's rows, in the order of the whole set.
    private static VectorSet Subset(LabelledVectors set, int[] arrival, int count, out int[] rows)
    {
        rows = [.. arrival.Take(count).Order()];
        var vectors = new VectorSet(set.Vectors.Dimensions, count);
        foreach (var row in rows)
            vectors.TryAdd(set.Vectors[row]);
        return vectors;
    }

    private static int[] Arrival(int count)
    {
        var random = new SplitMix(5);
        return [.. Enumerable.Range(0, count).OrderBy(_ => random.Next())];
    }

    private static string Term(int row) => row.ToString(CultureInfo.InvariantCulture);

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
