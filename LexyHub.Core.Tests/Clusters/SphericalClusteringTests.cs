using LexyHub.Core.Clusters.Numerics;
using static LexyHub.Core.Tests.Clusters.NumericsVectors;

namespace LexyHub.Core.Tests.Clusters;

public sealed class SphericalClusteringTests
{
    // More than one coarse cell, so that every stage takes part.
    private static readonly VectorSet ManyGroups = Groups(groups: 130, each: 40, dimensions: 48);

    [Fact]
    public void Step_StoppedAndRestoredAfterEveryStep_EndsAsOneUnbrokenRun()
    {
        var options = new ClusteringOptions();
        var broken = SphericalClustering.Start(ManyGroups, options);
        while (broken.Step(default))
            broken = SphericalClustering.Restore(ManyGroups, options, broken.Save())!;

        AssertSame(Cluster(ManyGroups, options), broken.Finish());
    }

    [Fact]
    public void Step_OneThreadOrSeveral_WideRegistersOrNarrow_GivesTheSameBits()
    {
        var once = Cluster(ManyGroups, new ClusteringOptions { Threads = 1 }, wide: false);

        AssertSame(once, Cluster(ManyGroups, new ClusteringOptions { Threads = 2 }, wide: false));
        AssertSame(once, Cluster(ManyGroups, new ClusteringOptions { Threads = 4 }, wide: TileKernel.IsWide));
    }

    [Fact]
    public void Finish_SeparateGroups_FindsThemWhateverTheTarget()
    {
        foreach (var target in (int[])[15, 90])
        {
            var result = Cluster(ManyGroups, new ClusteringOptions { TargetSize = target });

            Assert.Equal(130, result.ClusterCount);
            Assert.All(Enumerable.Range(0, ManyGroups.Count), row => Assert.Equal(row / 40, result.Assignments[row]));
        }
    }

    [Fact]
    public void Finish_WhatIsNearNothing_IsAnOutlierAndSpoilsNoCentroid()
    {
        var random = new SplitMix(3);
        var rows = GroupRows(groups: 8, each: 40, dimensions: 256);
        for (var i = 0; i < 16; i++)
            rows.Add([.. Enumerable.Range(0, 256).Select(_ => (float)random.NextGaussian())]);

        var result = Cluster(Of(256, rows));

        Assert.Equal(8, result.ClusterCount);
        Assert.All(Enumerable.Range(0, 320), row => Assert.Equal(row / 40, result.Assignments[row]));
        Assert.All(Enumerable.Range(320, 16), row => Assert.Equal(ClusteringResult.Outlier, result.Assignments[row]));
        Assert.All(Enumerable.Range(320, 16), row => Assert.True(result.Similarities[row] < result.Threshold));
    }

    [Fact]
    public void Start_FromItsOwnResult_ChangesNothing()
    {
        var first = Cluster(ManyGroups);

        Assert.Equal(first.Assignments, Cluster(ManyGroups, previous: first.Assignments).Assignments);
    }

    [Fact]
    public void Start_WithMoreVectors_KeepsTheOldOnesTogether()
    {
        var rows = GroupRows(groups: 60, each: 21, dimensions: 48, noise: 1);
        var isOld = Enumerable.Range(0, rows.Count).Select(row => row % 21 != 0).ToArray();
        var old = Cluster(Of(48, [.. rows.Where((_, row) => isOld[row])]));
        var (previous, next) = (new int[rows.Count], 0);
        for (var row = 0; row < rows.Count; row++)
            previous[row] = isOld[row] ? old.Assignments[next++] : -1;

        var result = Cluster(Of(48, rows), previous: previous);

        var kept = Enumerable.Range(0, rows.Count).Where(row => previous[row] >= 0)
            .GroupBy(row => previous[row])
            .Sum(cluster => cluster.GroupBy(row => result.Assignments[row]).Max(part => part.Count()));
        Assert.True(kept >= 0.97 * previous.Count(cluster => cluster >= 0), $"{kept} of {previous.Count(cluster => cluster >= 0)}");
    }

    [Fact]
    public void Start_WithANewGroupAndRoomForMore_FindsItAndLeavesTheOthers()
    {
        var rows = GroupRows(groups: 31, each: 20, dimensions: 48);
        int[] previous = [.. Enumerable.Range(0, rows.Count).Select(row => row < 600 ? row / 20 : -1)];
        var clustering = SphericalClustering.Start(Of(48, rows), new ClusteringOptions(), previous, additional: 1);
        while (clustering.Step(default))
        {
        }

        Assert.All(Enumerable.Range(0, rows.Count), row => Assert.Equal(row / 20, clustering.Finish().Assignments[row]));
    }

    [Fact]
    public void Apply_BetweenTwoClusters_StaysUnlessTheOtherIsClearlyNearer()
    {
        // Two centroids at a right angle; the last two rows lie a little and far on the other's side.
        var vectors = Of(2, [[1, 0], [1, 0], [0, 1], [0, 1], [0.70f, 0.72f], [0.5f, 0.87f]]);
        int[] assignments = [0, 0, 1, 1, 1, 1];

        Loyalty.Apply(vectors, [1, 0, 0, 1], [0, 0, 1, 1, 0, 0], assignments, [1, 1, 1, 1, 0.72f, 0.87f]);

        Assert.Equal([0, 0, 1, 1, 0, 1], assignments);
    }

    [Fact]
    public void Gather_LooseGroupBetweenOutliers_BecomesACluster()
    {
        var random = new SplitMix(3);
        var rows = GroupRows(groups: 1, each: 5, dimensions: 256);
        for (var i = 0; i < 10; i++)
            rows.Add([.. Enumerable.Range(0, 256).Select(_ => (float)random.NextGaussian())]);
        var vectors = Of(256, rows);
        var graph = new NeighbourGraph(
            vectors, new int[15], new int[15 * NeighbourGraph.Degree], new float[15 * NeighbourGraph.Degree], TileKernel.IsWide);
        graph.Search(0);
        var assignments = Enumerable.Repeat(-1, 15).ToArray();
        var gathering = new Gathering(vectors, graph.Neighbours, assignments);

        Assert.Equal(4, gathering.Apply(3, smallest: 2, threshold: 0.4f));
        Assert.Equal(4, gathering.Apply(4, smallest: 2, threshold: 0.4f));

        Assert.Equal([3, 3, 3, 3, 3, .. Enumerable.Repeat(-1, 10)], assignments);
    }

    [Fact]
    public void Restore_OfOtherVectorsOrAnotherVersion_IsRefused()
    {
        var saved = SphericalClustering.Start(Groups(2, 10, 8), new ClusteringOptions()).Save();

        Assert.NotNull(SphericalClustering.Restore(Groups(2, 10, 8), new ClusteringOptions(), saved));
        Assert.Null(SphericalClustering.Restore(Groups(2, 11, 8), new ClusteringOptions(), saved));
        Assert.Null(SphericalClustering.Restore(Groups(2, 10, 9), new ClusteringOptions(), saved));
        Assert.Null(SphericalClustering.Restore(Groups(2, 10, 8), new ClusteringOptions(), saved[..20]));
        saved[0]++;
        Assert.Null(SphericalClustering.Restore(Groups(2, 10, 8), new ClusteringOptions(), saved));
    }

    [Fact]
    public void Finish_BeforeTheEnd_Throws()
        => Assert.Throws<InvalidOperationException>(() => SphericalClustering.Start(Groups(2, 10, 8), new ClusteringOptions()).Finish());

    [Fact]
    public void Start_PreviousClustersOfOtherRows_Throws()
        => Assert.Throws<ArgumentException>(() => SphericalClustering.Start(Groups(2, 10, 8), new ClusteringOptions(), [0, 1]));

    private static void AssertSame(ClusteringResult expected, ClusteringResult actual)
    {
        Assert.Equal(expected.Assignments, actual.Assignments);
        Assert.Equal(expected.Centroids, actual.Centroids);
        Assert.Equal(expected.Similarities, actual.Similarities);
        Assert.Equal(expected.Threshold, actual.Threshold);
    }
}
