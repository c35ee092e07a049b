using System.Runtime.InteropServices;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// Centroids laid out for <see cref="TileKernel"/>: panels of <see cref="Width"/>, in each panel dimension after dimension, so
/// that one load brings the same component of as many centroids as a register has lanes.
/// </summary>
internal sealed class CentroidPanels
{
    /// <summary>Centroids of a panel: three 512-bit registers, six of 256 bits, twelve of 128.</summary>
    public const int Width = 48;

    private readonly float[] block;
    private readonly int start;
    private readonly int dimensions;

    public CentroidPanels(int capacity, int dimensions)
    {
        this.dimensions = dimensions;
        Count = (capacity + Width - 1) / Width;
        PanelFloats = Width * dimensions;
        block = GC.AllocateArray<float>(checked((Count * PanelFloats) + VectorSet.Lanes), pinned: true);
        start = VectorSet.AlignedStart(block);
    }

    public int Count { get; }

    public int PanelFloats { get; }

    /// <summary>The first float of a panel.</summary>
    public ref float this[int panel]
        => ref MemoryMarshal.GetReference(block.AsSpan(start + (panel * PanelFloats), PanelFloats));

    /// <summary>Puts a centroid into its lane. Lanes that were never set hold zeros.</summary>
    public void Set(int cluster, ReadOnlySpan<float> centroid)
    {
        var panel = block.AsSpan(start + (cluster / Width * PanelFloats), PanelFloats);
        var lane = cluster % Width;
        for (var i = 0; i < dimensions; i++)
            panel[(i * Width) + lane] = centroid[i];
    }
}
