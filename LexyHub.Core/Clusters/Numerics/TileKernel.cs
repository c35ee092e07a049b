using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Inner products of eight rows with a panel of 48 centroids, held in registers from the first dimension to the last: eight rows by
/// three 512-bit registers make 24 running sums, which hides the latency of multiply-add and needs 11 loads for 24 of them.
/// </summary>
/// <remarks>
/// The register-blocked inner loop of matrix multiplication (Goto and van de Geijn, 2008). Each lane sums one product from the first
/// dimension to the last, always fused: the bits are the same at every width of register. The loops are never inlined: where the
/// runtime's profile made it inline the narrow one, its sums were kept in memory, at an eighth of the speed.
/// </remarks>
internal static class TileKernel
{
    public const int Rows = 8;

    public const int Scores = Rows * CentroidPanels.Width;

    /// <summary>Whether the processor has 512-bit registers and the runtime uses them.</summary>
    public static bool IsWide => Vector512.IsHardwareAccelerated;

    /// <param name="block">The first float of the vectors.</param>
    /// <param name="offsets">Of the eight rows, in floats from <paramref name="block"/>; rows may repeat.</param>
    /// <param name="panel">Of <see cref="CentroidPanels"/>.</param>
    /// <param name="dimensions">Components to multiply.</param>
    /// <param name="scores">Overwritten: row after row, 48 each.</param>
    /// <param name="wide">512-bit registers; otherwise those that <see cref="Vector{T}"/> has.</param>
    public static void Multiply(
        ref float block, ReadOnlySpan<nint> offsets, ref float panel, int dimensions, Span<float> scores, bool wide)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offsets.Length, Rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.Length, Scores);
        if (wide)
        {
            MultiplyWide(ref block, offsets, ref panel, dimensions, ref scores[0]);
            return;
        }

        // Half of the rows and three registers of centroids at a time: fifteen registers of the sixteen there are.
        for (var row = 0; row < Rows; row += Rows / 2)
        {
            for (var lane = 0; lane < CentroidPanels.Width; lane += 3 * Vector<float>.Count)
            {
                MultiplyNarrow(
                    ref block, offsets[row..], ref Unsafe.Add(ref panel, lane), dimensions,
                    ref scores[(row * CentroidPanels.Width) + lane]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MultiplyWide(
        ref float block, ReadOnlySpan<nint> offsets, ref float panel, int dimensions, ref float scores)
    {
        ref var row0 = ref Unsafe.Add(ref block, offsets[0]);
        ref var row1 = ref Unsafe.Add(ref block, offsets[1]);
        ref var row2 = ref Unsafe.Add(ref block, offsets[2]);
        ref var row3 = ref Unsafe.Add(ref block, offsets[3]);
        ref var row4 = ref Unsafe.Add(ref block, offsets[4]);
        ref var row5 = ref Unsafe.Add(ref block, offsets[5]);
        ref var row6 = ref Unsafe.Add(ref block, offsets[6]);
        ref var row7 = ref Unsafe.Add(ref block, offsets[7]);
        Vector512<float> a0 = default, b0 = default, c0 = default, a1 = default, b1 = default, c1 = default,
            a2 = default, b2 = default, c2 = default, a3 = default, b3 = default, c3 = default,
            a4 = default, b4 = default, c4 = default, a5 = default, b5 = default, c5 = default,
            a6 = default, b6 = default, c6 = default, a7 = default, b7 = default, c7 = default;
        for (nint i = 0; i < dimensions; i++)
        {
            var a = Vector512.LoadUnsafe(ref panel);
            var b = Vector512.LoadUnsafe(ref panel, 16);
            var c = Vector512.LoadUnsafe(ref panel, 32);
            panel = ref Unsafe.Add(ref panel, CentroidPanels.Width);
            Accumulate(Unsafe.Add(ref row0, i), a, b, c, ref a0, ref b0, ref c0);
            Accumulate(Unsafe.Add(ref row1, i), a, b, c, ref a1, ref b1, ref c1);
            Accumulate(Unsafe.Add(ref row2, i), a, b, c, ref a2, ref b2, ref c2);
            Accumulate(Unsafe.Add(ref row3, i), a, b, c, ref a3, ref b3, ref c3);
            Accumulate(Unsafe.Add(ref row4, i), a, b, c, ref a4, ref b4, ref c4);
            Accumulate(Unsafe.Add(ref row5, i), a, b, c, ref a5, ref b5, ref c5);
            Accumulate(Unsafe.Add(ref row6, i), a, b, c, ref a6, ref b6, ref c6);
            Accumulate(Unsafe.Add(ref row7, i), a, b, c, ref a7, ref b7, ref c7);
        }

        Store(a0, b0, c0, ref scores, 0);
        Store(a1, b1, c1, ref scores, 1);
        Store(a2, b2, c2, ref scores, 2);
        Store(a3, b3, c3, ref scores, 3);
        Store(a4, b4, c4, ref scores, 4);
        Store(a5, b5, c5, ref scores, 5);
        Store(a6, b6, c6, ref scores, 6);
        Store(a7, b7, c7, ref scores, 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        float component, Vector512<float> a, Vector512<float> b, Vector512<float> c,
        ref Vector512<float> sumA, ref Vector512<float> sumB, ref Vector512<float> sumC)
    {
        var row = Vector512.Create(component);
        sumA = Vector512.FusedMultiplyAdd(row, a, sumA);
        sumB = Vector512.FusedMultiplyAdd(row, b, sumB);
        sumC = Vector512.FusedMultiplyAdd(row, c, sumC);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> a, Vector512<float> b, Vector512<float> c, ref float scores, nuint row)
    {
        a.StoreUnsafe(ref scores, row * CentroidPanels.Width);
        b.StoreUnsafe(ref scores, (row * CentroidPanels.Width) + 16);
        c.StoreUnsafe(ref scores, (row * CentroidPanels.Width) + 32);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MultiplyNarrow(
        ref float block, ReadOnlySpan<nint> offsets, ref float panel, int dimensions, ref float scores)
    {
        ref var row0 = ref Unsafe.Add(ref block, offsets[0]);
        ref var row1 = ref Unsafe.Add(ref block, offsets[1]);
        ref var row2 = ref Unsafe.Add(ref block, offsets[2]);
        ref var row3 = ref Unsafe.Add(ref block, offsets[3]);
        var lanes = (nuint)Vector<float>.Count;
        Vector<float> a0 = default, b0 = default, c0 = default, a1 = default, b1 = default, c1 = default,
            a2 = default, b2 = default, c2 = default, a3 = default, b3 = default, c3 = default;
        for (nint i = 0; i < dimensions; i++)
        {
            var a = Vector.LoadUnsafe(ref panel);
            var b = Vector.LoadUnsafe(ref panel, lanes);
            var c = Vector.LoadUnsafe(ref panel, 2 * lanes);
            panel = ref Unsafe.Add(ref panel, CentroidPanels.Width);
            Accumulate(Unsafe.Add(ref row0, i), a, b, c, ref a0, ref b0, ref c0);
            Accumulate(Unsafe.Add(ref row1, i), a, b, c, ref a1, ref b1, ref c1);
            Accumulate(Unsafe.Add(ref row2, i), a, b, c, ref a2, ref b2, ref c2);
            Accumulate(Unsafe.Add(ref row3, i), a, b, c, ref a3, ref b3, ref c3);
        }

        Store(a0, b0, c0, ref scores, 0);
        Store(a1, b1, c1, ref scores, 1);
        Store(a2, b2, c2, ref scores, 2);
        Store(a3, b3, c3, ref scores, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        float component, Vector<float> a, Vector<float> b, Vector<float> c,
        ref Vector<float> sumA, ref Vector<float> sumB, ref Vector<float> sumC)
    {
        var row = Vector.Create(component);

        // Where registers have 256 bits the one for any width ran at a sixteenth of the speed.
        if (Vector256.IsHardwareAccelerated && Vector<float>.Count == Vector256<float>.Count)
        {
            sumA = Vector256.FusedMultiplyAdd(row.AsVector256(), a.AsVector256(), sumA.AsVector256()).AsVector();
            sumB = Vector256.FusedMultiplyAdd(row.AsVector256(), b.AsVector256(), sumB.AsVector256()).AsVector();
            sumC = Vector256.FusedMultiplyAdd(row.AsVector256(), c.AsVector256(), sumC.AsVector256()).AsVector();
            return;
        }

        sumA = Vector.FusedMultiplyAdd(row, a, sumA);
        sumB = Vector.FusedMultiplyAdd(row, b, sumB);
        sumC = Vector.FusedMultiplyAdd(row, c, sumC);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<float> a, Vector<float> b, Vector<float> c, ref float scores, nuint row)
    {
        var lanes = (nuint)Vector<float>.Count;
        a.StoreUnsafe(ref scores, row * CentroidPanels.Width);
        b.StoreUnsafe(ref scores, (row * CentroidPanels.Width) + lanes);
        c.StoreUnsafe(ref scores, (row * CentroidPanels.Width) + (2 * lanes));
    }
}
