using BenchmarkDotNet.Attributes;
using LexyHub.Core.Trends;

namespace LexyHub.Benchmarks.Micro;

/// <summary>The slope of a window of readings: the median of all pairs against the least squares that it replaces.</summary>
[MemoryDiagnoser]
public class TheilSenBenchmarks
{
    private double[] days = [];
    private double[] scores = [];

    [Params(6, 32)]
    public int Readings { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        days = [.. Enumerable.Range(0, Readings).Select(i => (double)i)];
        scores = [.. days.Select(day => 0.3 + 0.01 * day + 0.05 * random.NextDouble())];
    }

    [Benchmark]
    public double TheilSenSlope() => TheilSen.Slope(days, scores);

    [Benchmark(Baseline = true)]
    public double LeastSquaresSlope()
    {
        double x = 0, y = 0, xx = 0, xy = 0;
        for (var i = 0; i < days.Length; i++)
        {
            x += days[i];
            y += scores[i];
            xx += days[i] * days[i];
            xy += days[i] * scores[i];
        }

        return (days.Length * xy - x * y) / (days.Length * xx - x * x);
    }
}
