using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Unit vectors in one flat block that starts on a cache line: row after row, each padded with zeros to whole 512-bit registers.
/// What a row belongs to is the caller's to remember, by its index.
/// </summary>
/// <remarks>
/// Results are the same to the bit for the same order of the rows; another one draws other seeds, breaks ties otherwise and numbers
/// clusters otherwise: fill it in an order that follows from the data (by term), not in the one that a query happened to return.
/// </remarks>
internal sealed class VectorSet
{
    /// <summary>Floats of one 512-bit register: rows are padded to a multiple of it.</summary>
    public const int Lanes = 16;

    private readonly float[] block;
    private readonly int start;

    /// <param name="dimensions">Components of a vector, at least 1.</param>
    /// <param name="capacity">Rows at most; the whole block is allocated at once.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block would hold more floats than an array can (2³¹).</exception>
    public VectorSet(int dimensions, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Dimensions = dimensions;
        Capacity = capacity;
        Stride = (dimensions + Lanes - 1) / Lanes * Lanes;
        var floats = ((long)capacity * Stride) + Lanes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(floats, Array.MaxLength, nameof(capacity));

        // Pinned, so that the aligned start stays aligned.
        block = GC.AllocateArray<float>((int)floats, pinned: true);
        start = AlignedStart(block);
    }

    private VectorSet(VectorSet other, int count)
    {
        (block, start) = (other.block, other.start);
        (Dimensions, Stride, Capacity, Count) = (other.Dimensions, other.Stride, count, count);
    }

    public int Dimensions { get; }

    public int Capacity { get; }

    /// <summary>Rows taken so far.</summary>
    public int Count { get; private set; }

    /// <summary>Floats from one row to the next: <see cref="Dimensions"/> rounded up to <see cref="Lanes"/>.</summary>
    public int Stride { get; }

    /// <summary>The components of a row, unit length.</summary>
    public ReadOnlySpan<float> this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
            return block.AsSpan(start + (row * Stride), Dimensions);
        }
    }

    /// <summary>Normalises the vector and takes it as the next row; a vector without a direction is refused and takes no row.</summary>
    /// <exception cref="InvalidOperationException">The set is full.</exception>
    public VectorRejection TryAdd(ReadOnlySpan<float> vector)
    {
        var rejection = TrySet(Count, vector);
        if (rejection == VectorRejection.None)
            Count++;
        return rejection;
    }

    /// <summary>Normalises the vector and takes it as the given row; a vector without a direction is refused and changes nothing.</summary>
    /// <exception cref="InvalidOperationException">The set holds fewer rows.</exception>
    internal VectorRejection TrySet(int index, ReadOnlySpan<float> vector)
    {
        if (vector.Length != Dimensions)
            return VectorRejection.WrongDimensions;

        var rejection = UnitVector.Scale(vector, out var scale);
        if (rejection != VectorRejection.None)
            return rejection;
        if (index >= Capacity)
            throw new InvalidOperationException($"The set holds no more than {Capacity} vectors.");

        var row = Writable(index);
        for (var i = 0; i < row.Length; i++)
            row[i] = (float)(vector[i] * scale);
        return VectorRejection.None;
    }

    /// <summary>Adds up rows in double, in the order given: the same bits whatever the registers' width.</summary>
    /// <param name="rows">Indices.</param>
    /// <param name="sum"><see cref="Dimensions"/> long; overwritten.</param>
    public void Sum(ReadOnlySpan<int> rows, Span<double> sum)
    {
        sum.Clear();
        var whole = Dimensions - (Dimensions % Vector<float>.Count);
        ref var total = ref MemoryMarshal.GetReference(sum);
        foreach (var index in rows)
        {
            var row = this[index];
            ref var component = ref MemoryMarshal.GetReference(row);
            for (var i = 0; i < whole; i += Vector<float>.Count)
            {
                Vector.Widen(Vector.LoadUnsafe(ref component, (nuint)i), out var low, out var high);
                (Vector.LoadUnsafe(ref total, (nuint)i) + low).StoreUnsafe(ref total, (nuint)i);
                var upper = (nuint)(i + Vector<double>.Count);
                (Vector.LoadUnsafe(ref total, upper) + high).StoreUnsafe(ref total, upper);
            }

            for (var i = whole; i < row.Length; i++)
                sum[i] += row[i];
        }
    }

    /// <summary>The first float of the first row, for kernels that walk the block themselves.</summary>
    internal ref float Origin => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(block), start);

    /// <summary>Rows of zeros, to be filled by <see cref="Writable"/>.</summary>
    internal static VectorSet Zeros(int dimensions, int count) => new(dimensions, count) { Count = count };

    /// <summary>The first rows alone, in the same block.</summary>
    internal VectorSet Take(int count) => new(this, count);

    /// <summary>A row to write; it has to be of unit length afterwards.</summary>
    internal Span<float> Writable(int row) => block.AsSpan(start + (row * Stride), Dimensions);

    /// <summary>The first index of a pinned array that lies on a cache line.</summary>
    internal static int AlignedStart(float[] pinned)
    {
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
        return (int)((64 - (address % 64)) % 64) / sizeof(float);
    }
}
