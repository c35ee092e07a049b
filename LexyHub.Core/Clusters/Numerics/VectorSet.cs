using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Unit vectors in one flat block that starts on a cache line: row after row, each padded with zeros to whole 512-bit registers.
/// What a row belongs to is the caller's to remember, by its index.
/// </summary>
/// <remarks>
/// Results depend on the order of the rows in nothing but ties and the numbering of clusters, and are the same to the bit for the
/// same order: fill it in an order that follows from the data (by term), not in the one that a query happened to return.
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
        if (vector.Length != Dimensions)
            return VectorRejection.WrongDimensions;

        var rejection = UnitVector.Scale(vector, out var scale);
        if (rejection != VectorRejection.None)
            return rejection;
        if (Count == Capacity)
            throw new InvalidOperationException($"The set holds {Capacity} vectors already.");

        var row = block.AsSpan(start + (Count * Stride), Dimensions);
        for (var i = 0; i < row.Length; i++)
            row[i] = (float)(vector[i] * scale);

        Count++;
        return VectorRejection.None;
    }

    /// <summary>The first float of the first row, for kernels that walk the block themselves.</summary>
    internal ref float First => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(block), start);

    /// <summary>All rows with their padding.</summary>
    internal Span<float> Block => block.AsSpan(start, Count * Stride);

    /// <summary>Rows as they are, for centroids and the like that are unit length already.</summary>
    internal static VectorSet FromUnitRows(ReadOnlySpan<float> rows, int dimensions)
    {
        var set = new VectorSet(dimensions, rows.Length / dimensions) { Count = rows.Length / dimensions };
        for (var row = 0; row < set.Count; row++)
            rows.Slice(row * dimensions, dimensions).CopyTo(set.block.AsSpan(set.start + (row * set.Stride)));

        return set;
    }

    private static int AlignedStart(float[] pinned)
    {
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
        return (int)((64 - (address % 64)) % 64) / sizeof(float);
    }
}
