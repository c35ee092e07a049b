namespace LexyHub.Core.Clusters.Numerics;

/// <summary>What one thread needs while it brings a block of rows to their centroids.</summary>
internal sealed class AssignmentBlock(int capacity)
{
    private readonly Nearest[] own = new Nearest[capacity];
    private readonly Nearest[] best = new Nearest[capacity];
    private readonly int[] rows = new int[capacity];

    /// <summary>The block's first row.</summary>
    public int From { get; private set; }

    /// <summary>Before this row the block ends.</summary>
    public int To { get; private set; }

    /// <summary>Rows that the group of centroids at hand has to be compared with.</summary>
    public ReadOnlySpan<int> Rows => rows.AsSpan(0, RowCount);

    public int RowCount { get; private set; }

    public nint[] Offsets { get; } = new nint[TileKernel.Rows];

    public float[] Scores { get; } = new float[TileKernel.Scores];

    public int Moved { get; set; }

    public long Products { get; set; }

    public void Begin(int from, int to)
    {
        From = from;
        To = to;
    }

    /// <summary>The centroid that the row had, where it is now.</summary>
    public ref Nearest Own(int row) => ref own[row - From];

    public ref Nearest Best(int row) => ref best[row - From];

    public void ClearRows() => RowCount = 0;

    public void AddRow(int row) => rows[RowCount++] = row;
}
