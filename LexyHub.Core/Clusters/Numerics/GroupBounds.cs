namespace LexyHub.Core.Clusters.Numerics;

/// <summary>
/// For each vector and group of centroids an upper bound of the cosine to any centroid of the group but the vector's own
/// (Ding et al., "Yinyang K-means", 2015; here groups are neighbours in the panels).
/// </summary>
internal sealed class GroupBounds
{
    // 256 MB for a million vectors.
    private const int MostGroups = 64;

    private readonly float[] bounds;
    private readonly float[] drifts;

    public GroupBounds(int rows, int panels)
    {
        PanelsPerGroup = Math.Max(1, (panels + MostGroups - 1) / MostGroups);
        Groups = (panels + PanelsPerGroup - 1) / PanelsPerGroup;
        bounds = new float[(long)rows * Groups];
        drifts = new float[Groups];
        Array.Fill(bounds, float.PositiveInfinity);
    }

    public int Groups { get; }

    public int PanelsPerGroup { get; }

    public ref float this[int row, int group] => ref bounds[((long)row * Groups) + group];

    /// <summary>By how much a group's bounds have to be raised since they were last written.</summary>
    public float Drift(int group) => drifts[group];

    public int GroupOf(int cluster) => cluster / CentroidPanels.Width / PanelsPerGroup;

    public void ForgetDrifts() => Array.Clear(drifts);

    /// <summary>Notes that a centroid moved: x·(c′−c) ≤ ‖c′−c‖ for a unit vector x.</summary>
    public void Moved(int cluster, double distance)
    {
        ref var drift = ref drifts[GroupOf(cluster)];
        drift = Math.Max(drift, MathF.BitIncrement((float)distance));
    }
}
