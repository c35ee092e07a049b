using LexyHub.Core.Trends;

namespace LexyHub.Benchmarks.Surge;

/// <summary>What the detector has to beat: above mean + 3 standard deviations of the trailing window.</summary>
internal static class GaussianDetector
{
    public const double Threshold = 3;

    public static bool[] Onsets(ReadOnlySpan<Reading> history, int window)
    {
        var onsets = new bool[history.Length];
        var before = false;
        for (var i = 2; i < history.Length; i++)
        {
            var flagged = ZScore(history[Math.Max(0, i - window)..i], history[i].Value) > Threshold;
            onsets[i] = flagged && !before;
            before = flagged;
        }

        return onsets;
    }

    private static double ZScore(ReadOnlySpan<Reading> window, double value)
    {
        double sum = 0, squares = 0;
        foreach (var reading in window)
        {
            sum += reading.Value;
        }

        var mean = sum / window.Length;
        foreach (var reading in window)
        {
            squares += (reading.Value - mean) * (reading.Value - mean);
        }

        return squares > 0 ? (value - mean) / Math.Sqrt(squares / (window.Length - 1)) : 0;
    }
}
