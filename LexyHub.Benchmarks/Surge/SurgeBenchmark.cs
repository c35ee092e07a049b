using System.Globalization;
using LexyHub.Core.Trends;

namespace LexyHub.Benchmarks.Surge;

/// <summary>Prints whether the surge flag is right; the rules are in <c>README.md</c> beside this file.</summary>
internal static class SurgeBenchmark
{
    private const double MostFalsePerQuietYear = 1;

    private static readonly string[] Halves = ["tuning", "held"];

    public static Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine("surge [--half tuning|held] [--alarms]");
            Console.WriteLine("  --half    only one half of the series; tune with 'tuning' alone");
            Console.WriteLine("  --alarms  list every alarm, and every event that was missed");
            Console.WriteLine("Reads the real series under the directory that LEXYHUB_DATA names.");
            return Task.FromResult(BenchmarkCommand.Done);
        }

        var half = args.SkipWhile(arg => arg != "--half").Skip(1).FirstOrDefault();
        var known = args.All(arg => arg is "--half" or "--alarms" || arg == half);
        if (!known || (args.Contains("--half") && !Halves.Contains(half)))
        {
            Console.Error.WriteLine("surge takes --half tuning|held and --alarms.");
            return Task.FromResult(BenchmarkCommand.Usage);
        }

        if (Environment.GetEnvironmentVariable("LEXYHUB_DATA") is not { Length: > 0 } directory || !Directory.Exists(directory))
        {
            Console.Error.WriteLine("LEXYHUB_DATA names no directory: set it to the one with the real series. Nothing was measured.");
            return Task.FromResult(BenchmarkCommand.Usage);
        }

        return Task.FromResult(Run(directory, half, args.Contains("--alarms")));
    }

    private static int Run(string directory, string? onlyHalf, bool listAlarms)
    {
        var truths = TruthFile.Read().ToDictionary(truth => truth.Series, StringComparer.Ordinal);
        var series = RealSeries.ReadAll(directory).Where(one => truths.ContainsKey(one.Name)).ToList();
        foreach (var missing in truths.Keys.Except(series.Select(one => one.Name)).Order(StringComparer.Ordinal))
        {
            Console.WriteLine($"truth.csv names {missing}, which is not in the data.");
        }

        var tuning = TruthFile.TuningHalf(truths.Keys.Join(series, name => name, one => one.Name, (name, one) => (name, one.PeriodDays)));
        var met = true;
        foreach (var half in Halves.Where(half => onlyHalf is null || half == onlyHalf))
        {
            var results = new List<(string Family, Tally Ours, Tally Gaussian)>();
            foreach (var one in series.Where(one => tuning.Contains(one.Name) == (half == "tuning")))
            {
                var truth = truths[one.Name];
                var ours = new SurgeResult[one.Readings.Length];
                SurgeDetector.DetectSeries(one.Readings, ours);
                bool[] onsets = [.. ours.Select(result => result.IsOnset)];
                if (listAlarms)
                {
                    List(one, truth, ours);
                }

                var window = SurgeProfile.Of(one.PeriodDays).BaselineReadings;
                results.Add((
                    truth.Family,
                    Tally.Count(one, truth, onsets),
                    Tally.Count(one, truth, GaussianDetector.Onsets(one.Readings, window))));
            }

            var (pooledOurs, pooledGaussian) = Print(half, results);
            met &= half == "tuning"
                || (pooledOurs.F1 > pooledGaussian.F1 && pooledOurs.FalsePerQuietYear <= MostFalsePerQuietYear);
        }

        return met ? BenchmarkCommand.Done : BenchmarkCommand.Missed;
    }

    private static (Tally Ours, Tally Gaussian) Print(string half, List<(string Family, Tally Ours, Tally Gaussian)> results)
    {
        Console.WriteLine();
        Console.WriteLine($"{half} half: {results.Count} series");
        Console.WriteLine($"{"",-13}{"",-10}{"events",7}{"found",7}{"false",7}{"precision",11}{"recall",8}{"F1",7}{"delay d",9}{"quiet y",9}{"false/quiet y",15}");
        var families = results.GroupBy(result => result.Family)
            .Select(family => (family.Key, Ours: Sum(family.Select(r => r.Ours)), Gaussian: Sum(family.Select(r => r.Gaussian)))).ToList();
        foreach (var (family, ours, gaussian) in families)
        {
            PrintLine(family, "ours", ours);
            PrintLine("", "Gaussian", gaussian);
        }

        var all = (Ours: Sum(results.Select(r => r.Ours)), Gaussian: Sum(results.Select(r => r.Gaussian)));
        PrintLine("all", "ours", all.Ours);
        PrintLine("", "Gaussian", all.Gaussian);
        var withEvents = families.Where(family => family.Ours.Events > 0).ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"mean F1 of the {withEvents.Count} families with events: ours {withEvents.Average(f => f.Ours.F1):0.000}, Gaussian {withEvents.Average(f => f.Gaussian.F1):0.000}"));
        var noisiest = results.Where(r => r.Ours.QuietYears > 0).Select(r => r.Ours.FalsePerQuietYear).DefaultIfEmpty().Max();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"false alarms per quiet year of the noisiest series: ours {noisiest:0.00}"));
        return all;
    }

    private static void PrintLine(string family, string detector, Tally tally) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{family,-13}{detector,-10}{tally.Events,7}{tally.Detected,7}{tally.False,7}{tally.Precision,11:0.000}{tally.Recall,8:0.000}{tally.F1,7:0.000}{tally.MeanDelayDays,9:0.0}{tally.QuietYears,9}{tally.FalsePerQuietYear,15:0.00}"));

    private static void List(RealSeries series, SeriesTruth truth, SurgeResult[] results)
    {
        for (var i = Tally.WarmUp(series.PeriodDays); i < results.Length; i++)
        {
            if (results[i].IsOnset)
            {
                var verdict = Tally.IsExplained(truth, series.Period(i)) ? "alarm" : "FALSE";
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{verdict} {series.Name} {series.Readings[i].Day:yyyy-MM-dd} z {results[i].Z:0.0} ratio {results[i].Ratio:0.00} {results[i].Kind}"));
            }
        }

        foreach (var happened in truth.Events)
        {
            var touched = Enumerable.Range(0, results.Length).Where(i => i >= Tally.WarmUp(series.PeriodDays) && series.Period(i).Touches(happened)).ToList();
            if (touched.Count > 0 && !touched.Any(i => results[i].IsOnset))
            {
                var best = touched.MaxBy(i => results[i].Z);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"missed {series.Name} {happened.From:yyyy-MM-dd} best z {results[best].Z:0.0} ratio {results[best].Ratio:0.00}{(results[best].IsSurging ? ", surging since before" : "")}"));
            }
        }
    }

    private static Tally Sum(IEnumerable<Tally> tallies) => tallies.Aggregate(default(Tally), (sum, tally) => sum + tally);
}
