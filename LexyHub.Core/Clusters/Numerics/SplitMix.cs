namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Random numbers that are the same in every version of the framework, and whose whole state is one number that can be stored:
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
/// </summary>
internal sealed class SplitMix(ulong state)
{
    public ulong State { get; private set; } = state;

    public ulong Next()
    {
        State += 0x9e3779b97f4a7c15;
        return Mix(State - 0x9e3779b97f4a7c15);
    }

    /// <summary>At least 0, below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Normal, mean 0 and variance 1 (Box–Muller).</summary>
    public double NextGaussian()
        => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>The first number from a state; also a hash of it.</summary>
    public static ulong Mix(ulong state)
    {
        var mixed = state + 0x9e3779b97f4a7c15;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }
}
