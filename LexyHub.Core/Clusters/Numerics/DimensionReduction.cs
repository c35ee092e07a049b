using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Fewer dimensions for clustering, by what the model's vectors allow: the first components where the model is documented to
/// put what matters there (Matryoshka), otherwise a sparse random projection, which keeps inner products in expectation.
/// Neither normalises: <see cref="VectorSet.TryAdd"/> does.
/// </summary>
/// <remarks>
/// Measured losses are in docs/clusters.md. The projection has a few entries of ±1/√s in each column, one in each of s blocks of
/// rows (Kane and Nelson, "Sparser Johnson–Lindenstrauss transforms", 2014), placed by a hash: the same on every machine.
/// </remarks>
internal sealed class DimensionReduction
{
    private const int EntriesPerComponent = 8;

    // Vectors projected side by side: one register holds the same component of all of them.
    private const int Lanes = 16;

    // OpenAI documents shortening by the `dimensions` parameter, or by hand with renormalisation, for this family alone.
    private const string MatryoshkaFamily = "text-embedding-3-";

    private readonly int[]? entries;
    private readonly float entryValue;

    private DimensionReduction(string name, int sourceDimensions, int readDimensions, int dimensions, int[]? entries, float entryValue)
    {
        Name = name;
        SourceDimensions = sourceDimensions;
        ReadDimensions = readDimensions;
        Dimensions = dimensions;
        this.entries = entries;
        this.entryValue = entryValue;
    }

    /// <summary>What is done, for the run's record: <c>none</c>, <c>prefix</c> or <c>projection</c>.</summary>
    public string Name { get; }

    /// <summary>Components of a stored vector.</summary>
    public int SourceDimensions { get; }

    /// <summary>Leading components of the stored vector that are needed: what <c>subvector(embedding, 1, n)</c> has to return.</summary>
    public int ReadDimensions { get; }

    /// <summary>Components that come out.</summary>
    public int Dimensions { get; }

    /// <summary>
    /// Dimensions to which vectors of a model are best reduced: 512 where a prefix serves, 1,024 where a projection has to, which
    /// loses more at the same width.
    /// </summary>
    public static int DefaultFor(string model) => IsMatryoshka(model) ? 512 : 1_024;

    /// <param name="model">As stored in <c>embeddings.model</c>.</param>
    /// <param name="sourceDimensions">Of the stored vectors.</param>
    /// <param name="dimensions">Wanted; no reduction where the stored vectors have no more.</param>
    public static DimensionReduction For(string model, int sourceDimensions, int dimensions)
    {
        if (sourceDimensions <= dimensions)
            return new DimensionReduction("none", sourceDimensions, sourceDimensions, sourceDimensions, null, 0);
        return IsMatryoshka(model)
            ? new DimensionReduction("prefix", sourceDimensions, dimensions, dimensions, null, 0)
            : Projection(sourceDimensions, dimensions);
    }

    /// <param name="source">The first <see cref="ReadDimensions"/> components.</param>
    /// <param name="target"><see cref="Dimensions"/> long; overwritten.</param>
    /// <exception cref="ArgumentException">The source is shorter or longer.</exception>
    public void Apply(ReadOnlySpan<float> source, Span<float> target)
    {
        if (source.Length != ReadDimensions)
            throw new ArgumentException($"Needs {ReadDimensions} components; got {source.Length}.", nameof(source));
        if (entries is null)
        {
            source.CopyTo(target);
            return;
        }

        target.Clear();
        for (var i = 0; i < source.Length; i++)
        {
            // Local vectors are mostly zeros.
            if (source[i] == 0)
                continue;

            var value = source[i] * entryValue;
            foreach (var entry in entries.AsSpan(i * EntriesPerComponent, EntriesPerComponent))
            {
                // A negative entry is stored as the complement of its row.
                if (entry >= 0)
                    target[entry] += value;
                else
                    target[~entry] -= value;
            }
        }
    }

    /// <summary>Likewise for many vectors, to the same bits and several times as fast where they are projected.</summary>
    /// <param name="sources">Row after row.</param>
    /// <param name="targets">As many rows; overwritten.</param>
    public void ApplyAll(ReadOnlySpan<float> sources, Span<float> targets)
    {
        var count = sources.Length / ReadDimensions;
        if (entries is null)
        {
            for (var row = 0; row < count; row++)
                Apply(sources.Slice(row * ReadDimensions, ReadDimensions), targets.Slice(row * Dimensions, Dimensions));
            return;
        }

        var columns = ArrayPool<float>.Shared.Rent(ReadDimensions * Lanes);
        var sums = ArrayPool<float>.Shared.Rent(Dimensions * Lanes);
        for (var first = 0; first < count; first += Lanes)
        {
            var rows = Math.Min(Lanes, count - first);
            Transpose(sources.Slice(first * ReadDimensions, rows * ReadDimensions), ReadDimensions, columns, Lanes);
            Project(columns, sums.AsSpan(0, Dimensions * Lanes), entries);
            Transpose(sums.AsSpan(0, Dimensions * Lanes), Lanes, targets.Slice(first * Dimensions, rows * Dimensions), Dimensions);
        }

        ArrayPool<float>.Shared.Return(columns);
        ArrayPool<float>.Shared.Return(sums);
    }

    private void Project(float[] columns, Span<float> sums, int[] entries)
    {
        sums.Clear();
        ref var column = ref MemoryMarshal.GetArrayDataReference(columns);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        for (var i = 0; i < ReadDimensions; i++)
        {
            var value = Vector512.LoadUnsafe(ref column, (nuint)(i * Lanes)) * entryValue;
            foreach (var entry in entries.AsSpan(i * EntriesPerComponent, EntriesPerComponent))
            {
                // Without a branch, which would be foretold wrongly every other time: a negative entry has the sign that it gives the value.
                var at = (nuint)((entry ^ (entry >> 31)) * Lanes);
                var signed = (value.AsInt32() ^ Vector512.Create(entry & int.MinValue)).AsSingle();
                (Vector512.LoadUnsafe(ref sum, at) + signed).StoreUnsafe(ref sum, at);
            }
        }
    }

    // In squares that stay in the first cache. Either side may have fewer rows than the other has columns: what is there is written.
    private static void Transpose(ReadOnlySpan<float> source, int sourceColumns, Span<float> target, int targetColumns)
    {
        var (rows, columns) = (source.Length / sourceColumns, Math.Min(sourceColumns, target.Length / targetColumns));
        for (var top = 0; top < rows; top += Lanes)
        {
            for (var left = 0; left < columns; left += Lanes)
            {
                for (var row = top; row < Math.Min(top + Lanes, rows); row++)
                {
                    for (var column = left; column < Math.Min(left + Lanes, columns); column++)
                        target[(column * targetColumns) + row] = source[(row * sourceColumns) + column];
                }
            }
        }
    }

    private static bool IsMatryoshka(string model) => model.StartsWith(MatryoshkaFamily, StringComparison.Ordinal);

    private static DimensionReduction Projection(int sourceDimensions, int dimensions)
    {
        var entries = new int[sourceDimensions * EntriesPerComponent];
        for (var i = 0; i < entries.Length; i++)
        {
            var block = i % EntriesPerComponent;
            var first = dimensions * block / EntriesPerComponent;
            var rows = (dimensions * (block + 1) / EntriesPerComponent) - first;
            var hash = SplitMix.Mix((ulong)i);

            // Fewer dimensions than entries leave a block without rows; its neighbour's row serves.
            var row = Math.Min(first + (rows > 0 ? (int)(hash % (uint)rows) : 0), dimensions - 1);
            entries[i] = hash >> 63 == 0 ? row : ~row;
        }

        return new DimensionReduction(
            "projection", sourceDimensions, sourceDimensions, dimensions, entries, 1 / MathF.Sqrt(EntriesPerComponent));
    }
}
