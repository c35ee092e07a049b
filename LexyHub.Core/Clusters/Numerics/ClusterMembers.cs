namespace LexyHub.Core.Clusters.Numerics;

/// <summary>The rows of each cluster, in their order.</summary>
internal sealed class ClusterMembers
{
    private readonly int[] rows;
    private readonly int[] starts;

    private ClusterMembers(int[] rows, int[] starts)
    {
        this.rows = rows;
        this.starts = starts;
    }

    public ReadOnlySpan<int> this[int cluster] => rows.AsSpan(starts[cluster]..starts[cluster + 1]);

    public bool Any(int cluster) => starts[cluster + 1] > starts[cluster];

    /// <param name="assignments">Of each row its cluster; negative: none.</param>
    /// <param name="clusters">One more than the highest.</param>
    public static ClusterMembers Of(ReadOnlySpan<int> assignments, int clusters)
    {
        // Counting sort: stable, hence in the order of the rows.
        var starts = new int[clusters + 1];
        foreach (var cluster in assignments)
        {
            if (cluster >= 0)
                starts[cluster + 1]++;
        }

        for (var cluster = 0; cluster < clusters; cluster++)
            starts[cluster + 1] += starts[cluster];

        var next = starts.ToArray();
        var rows = new int[starts[clusters]];
        for (var row = 0; row < assignments.Length; row++)
        {
            if (assignments[row] >= 0)
                rows[next[assignments[row]]++] = row;
        }

        return new ClusterMembers(rows, starts);
    }
}
