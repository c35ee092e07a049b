using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Inner products whose bits do not depend on the machine: eight sums in double, component i in sum i mod 8, then added up in pairs.
/// The product of two floats is exact in double, so that it does not matter either whether multiplication and addition are fused.
/// </summary>
/// <remarks>Decides where the fast kernels, whose rounding differs with the register's width, see two centroids as near.</remarks>
internal static class ExactDot
{
    public static double Of(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector256<double> low = default, high = default;
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b);
        var whole = a.Length & ~7;
        for (nuint i = 0; i < (nuint)whole; i += 8)
        {
            var (xLow, xHigh) = Vector256.Widen(Vector256.LoadUnsafe(ref x, i));
            var (yLow, yHigh) = Vector256.Widen(Vector256.LoadUnsafe(ref y, i));
            low += xLow * yLow;
            high += xHigh * yHigh;
        }

        Span<double> tail = stackalloc double[8];
        for (var i = whole; i < a.Length; i++)
            tail[i - whole] = (double)a[i] * b[i];

        low += Vector256.Create<double>(tail);
        high += Vector256.Create<double>(tail[4..]);
        var four = low + high;
        return four[0] + four[2] + (four[1] + four[3]);
    }
}
