using System.Diagnostics;

namespace LexyHub.Benchmarks;

/// <summary>The largest working set of this process, looked at every 20 ms from construction to <see cref="Megabytes"/>.</summary>
internal sealed class PeakMemory : IDisposable
{
    private readonly Timer timer;
    private long peak;

    public PeakMemory() => timer = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(20));

    public double Megabytes
    {
        get
        {
            Look();
            return peak / 1e6;
        }
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        using var process = Process.GetCurrentProcess();
        peak = Math.Max(peak, process.WorkingSet64);
    }
}
