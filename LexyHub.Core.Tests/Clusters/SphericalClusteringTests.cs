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
    public void Step_WithAYesterdayAndRestoredAfterEveryStep_EndsAsOneUnbrokenRun()
    {
        var (vectors, previous) = NextDay();
        var options = new ClusteringOptions();
        var broken = SphericalClustering.Start(vectors, options, previous, additional: 3);
        var whole = SphericalClustering.Start(vectors, options, previous, additional: 3);
        while (broken.Step(default))
            broken = SphericalClustering.Restore(vectors, options, broken.Save())!;
        while (whole.Step(default))
        {
        }

        AssertSame(whole.Finish(), broken.Finish());
    }

    [Fact]
    public void Step_EveryTurn_BeginsWithTheMembersOfTheLastOneAtHome()
    {
        var (vectors, previous) = NextDay();
        foreach (var clustering in (SphericalClustering[])[
            SphericalClustering.Start(vectors, new ClusteringOptions()), SphericalClustering.Start(vectors, new ClusteringOptions(), previous)])
        {
            var turns = 0;
            while (clustering.Step(default))
            {
                var state = ClusteringState.Restore(clustering.Save(), vectors.Count, vectors.Dimensions)!;
                if (state is not { Phase: ClusteringPhase.Moving, Round: 0, Pass: 0, Cursor: 0, Previous.Length: > 0 })
                    continue;

                Assert.Equal(state.Previous, state.Homes);
                turns = Math.Max(turns, state.Turn);
            }

            Assert.True(turns >= 1, "only one turn was taken");
        }
    }

    [Fact]
    public void Step_OneThreadOrSeveral_WideRegistersOrNarrow_GivesTheSameBits()
    {
        var once = Cluster(ManyGroups, new ClusteringOptions { Threads = 1 }, wide: false);

        AssertSame(once, Cluster(ManyGroups, new ClusteringOptions { Threads = 2 }, wide: false));
        AssertSame(once, Cluster(ManyGroups, new ClusteringOptions { Threads = 4 }, wide: TileKernel.IsWide));

        var (vectors, previous) = NextDay();
        AssertSame(
            Cluster(vectors, new ClusteringOptions { Threads = 1 }, previous, wide: false),
            Cluster(vectors, new ClusteringOptions { Threads = 2 }, previous, wide: TileKernel.IsWide));
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
    public void Start_FromTheResultOfADayWithNewVectors_ChangesNothing()
    {
        var (vectors, previous) = NextDay();
        var result = Cluster(vectors, previous: previous);

        Assert.Equal(result.Assignments, Cluster(vectors, previous: result.Assignments).Assignments);
    }

    [Fact]
    public void Start_WithMoreVectors_KeepsTheOldOnesTogether()
    {
        var (vectors, previous) = NextDay();

        var result = Cluster(vectors, previous: previous);

        var kept = Enumerable.Range(0, vectors.Count).Where(row => previous[row] >= 0)
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
    public void Follow_SplitMergedAndEmptiedHomes_GoWhereMostOfThemWent()
    {
        // Cluster 0 is split, 1 and 2 are merged, 3 is empty; rows 5 and 8 are away from home, row 9 has none.
        int[] homes = [0, 0, 0, 1, 1, 0, 2, 2, 3, -1];
        int[] before = [0, 0, 0, 1, 1, 1, 2, 2, 2, 1];
        int[] after = [0, 0, 3, 1, 1, 1, 1, 1, 1, 1];

        Loyalty.Follow(homes, before, after);

        Assert.Equal([0, 0, 0, 1, 1, 0, 1, 1, 1, -1], homes);
    }

    [Fact]
    public void Reshape_TwoThatAreOne_AreMergedAndTheirHomesAndTheLaterOnesFollow()
    {
        // Clusters 0 and 2 are one group; a row of the second one is away from home, and an outlier is at the end.
        var vectors = Groups(groups: 2, each: 20, dimensions: 48);
        int[] assignments = [.. Enumerable.Range(0, 40).Select(row => row < 10 ? 0 : row < 20 ? 2 : 1)];
        int[] homes = [.. assignments[..20], 2, .. assignments[21..39], -1];

        var outcome = Reshaping.Apply(vectors, assignments, 3, new ClusteringOptions(), homes, new ParallelOptions());

        Assert.Equal((0, 1, 2), outcome);
        Assert.Equal([.. Enumerable.Repeat(0, 20), .. Enumerable.Repeat(1, 20)], assignments);
        Assert.Equal([.. Enumerable.Repeat(0, 21), .. Enumerable.Repeat(1, 18), -1], homes);
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

    // Groups that run into each other, one vector in 21 of which is new, and the clusters of the others.
    private static (VectorSet Vectors, int[] Previous) NextDay()
    {
        var rows = GroupRows(groups: 60, each: 21, dimensions: 48, noise: 1);
        var isOld = Enumerable.Range(0, rows.Count).Select(row => row % 21 != 0).ToArray();
        var old = Cluster(Of(48, [.. rows.Where((_, row) => isOld[row])]));
        var (previous, next) = (new int[rows.Count], 0);
        for (var row = 0; row < rows.Count; row++)
            previous[row] = isOld[row] ? old.Assignments[next++] : -1;
        return (Of(48, rows), previous);
    }

    private static void AssertSame(ClusteringResult expected, ClusteringResult actual)
    {
        Assert.Equal(expected.Assignments, actual.Assignments);
        Assert.Equal(expected.Centroids, actual.Centroids);
        Assert.Equal(expected.Similarities, actual.Similarities);
        Assert.Equal(expected.Threshold, actual.Threshold);
    }
}
