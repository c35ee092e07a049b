using System.Globalization;

namespace LexyHub.Benchmarks.Clusters;

/// <summary>Ten days of 5 % new keywords each, with a rebuild a day over a real PostgreSQL, in several orders of arrival: who keeps the
/// cluster and what became of the others, and how good the clusters are beside those that would be found without a yesterday.</summary>
internal static class ClusterStabilityBenchmark
{
    private const int Days = 10;
    private const double Growth = 0.05;
    private const double MinKept = 0.95;
    private const string DefaultSet = "adthena";
    private const string LossNames = "unclustered, moved, split off, merged, renamed";

    private static readonly int[] DefaultSeeds = [1, 2, 3, 4, 5];

    public static async Task<int> RunAsync(string[] args)
    {
        if (!TryParse(args, out var set, out var seeds))
        {
            Console.WriteLine($"cluster-stability [adthena|wands|banking77] [seed …]   {Days} days of {Growth:P0} more with local embeddings. A seed is an order of arrival; left out: {string.Join(' ', DefaultSeeds)}. Needs {BenchmarkDatabase.SettingName} with pgvector, and LEXYHUB_DATA.");
            return args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage;
        }

        if (ClusterData.Folder is not { } folder)
        {
            Console.Error.WriteLine("LEXYHUB_DATA names no folder with the real sets.");
            return BenchmarkCommand.Usage;
        }

        if (BenchmarkDatabase.FindServer() is not { } server)
        {
            return BenchmarkCommand.Usage;
        }

        var queries = ClusterData.Queries(folder, set);
        var truth = queries.Where(query => query.Class is not null).ToDictionary(query => query.Text, query => query.Class!);
        Console.WriteLine($"  {set}: {queries.Count:N0} queries; V-measure and ARI over the {truth.Count:N0} of {truth.Values.Distinct().Count()} classes, an outlier as a cluster of its own");
        var runs = new List<List<StabilityDay>>();
        foreach (var seed in seeds)
        {
            Console.WriteLine($"  order of arrival {seed}: created and retired; clusters, V, ARI, outliers; the same without a yesterday");
            var arriving = queries.Select(query => query.Text).ToArray();
            new Random(seed).Shuffle(arriving);
            runs.Add(await RunAsync(server, truth, arriving));
        }

        return Summarize(runs);
    }

    private static bool TryParse(string[] args, out string set, out int[] seeds)
    {
        var numbers = args.SkipWhile(arg => ClusterData.QuerySets.Contains(arg)).ToArray();
        (set, seeds) = (args is [var first, ..] && ClusterData.QuerySets.Contains(first) ? first : DefaultSet, DefaultSeeds);
        if (args.Length - numbers.Length > 1 || !numbers.All(number => int.TryParse(number, CultureInfo.InvariantCulture, out _)))
        {
            return false;
        }

        if (numbers is not [])
        {
            seeds = [.. numbers.Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        }

        return true;
    }

    private static async Task<List<StabilityDay>> RunAsync(string server, Dictionary<string, string> truth, string[] arriving)
    {
        await using var run = await StabilityRun.CreateAsync(server, truth);
        var days = new List<StabilityDay>();
        await foreach (var day in run.DaysAsync(arriving, Days, Growth))
        {
            Console.Write(Line($"    day {days.Count,2} {day.Keywords,6} keywords {day.Created,3} {day.Retired,3}, kept {day.Losses.KeptShare:F4}"));
            Console.WriteLine(Line($"   {Quality(day.Clusters, day.Warm)}   {Quality(day.ColdClusters, day.Cold)}"));
            days.Add(day);
        }

        return days;
    }

    private static int Summarize(List<List<StabilityDay>> runs)
    {
        Console.WriteLine();
        Console.WriteLine($"  {runs.Count} orders of arrival: kept on the worst and on average; of a thousand members {LossNames}; mean V, ARI, outliers; the same without a yesterday");
        for (var day = 1; day <= Days; day++)
        {
            var all = runs.Select(run => run[day]).ToList();
            Console.Write(Line($"    day {day,2} kept {all.Min(one => one.Losses.KeptShare):F4} {all.Average(one => one.Losses.KeptShare):F4}   {Losses(all)}"));
            Console.WriteLine($"   {Mean(all, one => one.Warm)}   {Mean(all, one => one.Cold)}");
        }

        var days = runs.SelectMany(run => run.Skip(1).Take(Days)).ToList();
        Console.Write(Line($"    all    kept {days.Min(one => one.Losses.KeptShare):F4} {days.Average(one => one.Losses.KeptShare):F4}   {Losses(days)}"));
        Console.WriteLine($"   {Mean(days, one => one.Warm)}   {Mean(days, one => one.Cold)}");

        var isSame = runs.TrueForAll(run => run[^1] is { Created: 0, Retired: 0 });
        var stayed = runs.Min(run => run[^1].Losses.KeptShare);
        Console.WriteLine(Line($"a rebuild with nothing new: nothing created or retired {(isSame ? "met" : "MISSED")}, kept at least {stayed:F4}"));
        var worst = days.Min(day => day.Losses.KeptShare);
        Console.WriteLine(Line($"members that keep their cluster, worst day of {days.Count} {worst:F4} (at least {MinKept}) {(worst >= MinKept ? "met" : "MISSED")}"));
        return worst >= MinKept && isSame ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static string Losses(List<StabilityDay> days)
        => string.Join(' ', ((Func<MemberLosses, int>[])[one => one.Unclustered, one => one.Moved, one => one.Split, one => one.Merged, one => one.Renamed])
            .Select(count => Line($"{days.Average(day => 1000.0 * count(day.Losses) / day.Losses.Members),4:F1}")));

    private static string Mean(List<StabilityDay> days, Func<StabilityDay, PartitionQuality> quality)
        => Line($"{days.Average(day => quality(day).VMeasure):F3} {days.Average(day => quality(day).AdjustedRand):F3} {days.Average(day => quality(day).Outliers),6:P1}");

    private static string Quality(int clusters, PartitionQuality quality)
        => Line($"{clusters,4} {quality.VMeasure:F3} {quality.AdjustedRand:F3} {quality.Outliers,6:P1}");

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
