using System.Numerics;
using System.Runtime.InteropServices;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>Sums of scaled vectors in float, component by component and always fused: the same bits at every register width.</summary>
internal static class FusedSum
{
    /// <summary>Adds <paramref name="factor"/> times the vector.</summary>
    public static void Add(Span<float> sum, ReadOnlySpan<float> vector, float factor)
    {
        ref var target = ref MemoryMarshal.GetReference(sum);
        ref var source = ref MemoryMarshal.GetReference(vector);
        var times = Vector.Create(factor);
        var i = 0;
        for (; i + Vector<float>.Count <= sum.Length; i += Vector<float>.Count)
        {
            Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref source, (nuint)i), times, Vector.LoadUnsafe(ref target, (nuint)i))
                .StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < sum.Length; i++)
            sum[i] = MathF.FusedMultiplyAdd(vector[i], factor, sum[i]);
    }
}
