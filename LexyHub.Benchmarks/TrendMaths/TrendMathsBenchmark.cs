using System.Globalization;
using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;

namespace LexyHub.Benchmarks.TrendMaths;

/// <summary>Time of the pure part of trend-aggregation: every reading's point, every term's trend, on one core.</summary>
internal static class TrendMathsBenchmark
{
    private const int Runs = 5;
    private const double MostSecondsFor200k = 0.5;
    // Linear, and some more for memory that no longer fits the cache.
    private const double MostRatioOfTenTimes = 15;

    public static Task<int> RunAsync(string[] args)
    {
        if (args is not [])
        {
            Console.WriteLine("trend-maths takes no options; it makes its own readings.");
            return Task.FromResult(args is ["--help" or "-h"] ? BenchmarkCommand.Done : BenchmarkCommand.Usage);
        }

        var small = Measure("200,000 readings, 100,000 terms of 1 to 3", terms: 100_000, readingsATerm: term => 1 + term % 3, gapDays: 1);
        var large = Measure("2,000,000 readings, 1,000,000 terms of 1 to 3", terms: 1_000_000, readingsATerm: term => 1 + term % 3, gapDays: 1);
        Measure("2,000,000 readings, 100,000 daily terms of 20", terms: 100_000, readingsATerm: _ => 20, gapDays: 1);
        Measure("2,000,000 readings, 10,000 daily terms of 200", terms: 10_000, readingsATerm: _ => 200, gapDays: 1);
        Measure("2,080,000 readings, 20,000 weekly terms of 104", terms: 20_000, readingsATerm: _ => 104, gapDays: 7);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ten times the readings take {large / small:0.0} times as long"));

        return Task.FromResult(
            small.TotalSeconds <= MostSecondsFor200k && large / small <= MostRatioOfTenTimes ? BenchmarkCommand.Done : BenchmarkCommand.Missed);
    }

    private static TimeSpan Measure(string what, int terms, Func<int, int> readingsATerm, int gapDays)
    {
        var random = new Random(1);
        var first = new DateOnly(2024, 1, 1);
        var histories = Enumerable.Range(0, terms)
            .Select(term => Enumerable.Range(0, readingsATerm(term)).Select(i => new Reading(first.AddDays(i * gapDays), random.Next(100))).ToArray())
            .ToArray();

        var scale = new SourceScale("signals", SignalScale.Index, 100);
        var medians = new SourceMedians(new Dictionary<string, double> { [scale.Source] = 0.3 });
        var points = new SeriesPoint[histories.Max(history => history.Length)];
        var best = TimeSpan.MaxValue;
        for (var run = 0; run < Runs; run++)
        {
            // Processor time, so that other work on the machine does not count.
            var started = Environment.CpuUsage.UserTime;
            foreach (var history in histories)
            {
                TrendMomentum.EvaluateSeries(history, scale, 0, points);
                TrendMomentum.Combine([TrendMomentum.EvaluateSource(history, scale, history[^1].Day)], medians);
            }

            var elapsed = Environment.CpuUsage.UserTime - started;
            best = elapsed < best ? elapsed : best;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{best.TotalMilliseconds,8:0} ms  {what}"));
        return best;
    }
}
