using LexyHub.Core.Clusters.Numerics;
using static LexyHub.Core.Tests.Clusters.NumericsVectors;

namespace LexyHub.Core.Tests.Clusters;

public sealed class ClusteringEdgeTests
{
    [Fact]
    public void Finish_NoVectors_IsEmpty()
    {
        var clustering = SphericalClustering.Start(new VectorSet(8, 0), new ClusteringOptions());

        Assert.False(clustering.Step(default));
        Assert.Equal(0, clustering.Finish().ClusterCount);
    }

    [Fact]
    public void Finish_OneVector_IsAnOutlier()
    {
        var result = Cluster(Groups(1, 1, 8));

        Assert.Equal(0, result.ClusterCount);
        Assert.Equal([ClusteringResult.Outlier], result.Assignments);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Finish_AHandfulThatBelongTogether_IsOneCluster(int count)
    {
        var result = Cluster(Groups(1, count, 32));

        Assert.Equal(1, result.ClusterCount);
        Assert.All(result.Assignments, cluster => Assert.Equal(0, cluster));
    }

    [Fact]
    public void Finish_TwoThatHaveNothingInCommon_AreOutliers()
    {
        var result = Cluster(Of(3, [[1, 0, 0], [0, 1, 0]]));

        Assert.Equal(0, result.ClusterCount);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(5_000)]
    public void Finish_AllEqual_IsOneCluster(int count)
    {
        var result = Cluster(Of(8, [.. Enumerable.Repeat<float[]>([1, 2, 3, 4, 5, 6, 7, 8], count)]));

        Assert.Equal(1, result.ClusterCount);
        Assert.All(result.Assignments, cluster => Assert.Equal(0, cluster));
        Assert.All(result.Similarities, similarity => Assert.Equal(1, similarity, 5));
    }

    [Fact]
    public void Finish_Duplicates_StayTogether()
    {
        var rows = GroupRows(groups: 3, each: 1, dimensions: 16).SelectMany(row => Enumerable.Repeat(row, 30)).ToList();

        var result = Cluster(Of(16, rows));

        Assert.Equal(3, result.ClusterCount);
        Assert.All(Enumerable.Range(0, 90), row => Assert.Equal(row / 30, result.Assignments[row]));
    }

    [Fact]
    public void Finish_MoreClustersWantedThanVectors_GivesEachItsOwn()
        => Assert.Equal(6, Cluster(Groups(6, 1, 8), new ClusteringOptions { Count = 50 }).ClusterCount);

    [Fact]
    public void Finish_OneDimension_TellsTheTwoDirectionsApart()
    {
        var result = Cluster(Of(1, [[1], [-2], [3], [-4], [5], [-6]]));

        Assert.Equal(result.Assignments[0], result.Assignments[2]);
        Assert.NotEqual(result.Assignments[0], result.Assignments[1]);
    }

    [Fact]
    public void TryAdd_WhatPointsNowhere_IsRefusedWithTheReason()
    {
        var vectors = new VectorSet(3, 1);

        Assert.Equal(VectorRejection.WrongDimensions, vectors.TryAdd([1, 2]));
        Assert.Equal(VectorRejection.Zero, vectors.TryAdd([0, 0, 0]));
        Assert.Equal(VectorRejection.NotFinite, vectors.TryAdd([1, float.NaN, 0]));
        Assert.Equal(VectorRejection.NotFinite, vectors.TryAdd([1, float.PositiveInfinity, 0]));
        Assert.Equal(0, vectors.Count);
        Assert.Equal(VectorRejection.None, vectors.TryAdd([3, 0, 4]));
        Assert.Equal([0.6f, 0, 0.8f], vectors[0].ToArray());
        Assert.Throws<InvalidOperationException>(() => vectors.TryAdd([3, 0, 4]));
    }
}
