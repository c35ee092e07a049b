using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Core.Tests.Clusters;

public sealed class SphericalClusteringTests
{
    [Fact]
    public void Step_StoppedAndRestoredAfterEveryStep_EndsAsOneUnbrokenRun()
    {
        var vectors = Groups(groups: 12, each: 30, dimensions: 40);
        var options = new ClusteringOptions();
        var broken = SphericalClustering.Start(vectors, options);
        while (broken.Step(default))
            broken = SphericalClustering.Restore(vectors, options, broken.Save())!;

        var (once, often) = (Run(vectors, options), broken.Finish());

        Assert.Equal(once.Assignments, often.Assignments);
        Assert.Equal(once.Centroids, often.Centroids);
        Assert.Equal(once.Similarities, often.Similarities);
    }

    [Fact]
    public void Restore_OfOtherVectorsOrAnotherVersion_IsRefused()
    {
        var saved = SphericalClustering.Start(Groups(2, 10, 8), new ClusteringOptions()).Save();

        Assert.Null(SphericalClustering.Restore(Groups(2, 11, 8), new ClusteringOptions(), saved));
        Assert.Null(SphericalClustering.Restore(Groups(2, 10, 9), new ClusteringOptions(), saved));
        Assert.Null(SphericalClustering.Restore(Groups(2, 10, 8), new ClusteringOptions(), saved[..20]));
        saved[0]++;
        Assert.Null(SphericalClustering.Restore(Groups(2, 10, 8), new ClusteringOptions(), saved));
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
    }

    private static ClusteringResult Run(VectorSet vectors, ClusteringOptions options)
    {
        var clustering = SphericalClustering.Start(vectors, options);
        while (clustering.Step(default))
        {
        }

        return clustering.Finish();
    }

    private static VectorSet Groups(int groups, int each, int dimensions)
    {
        var random = new SplitMix(7);
        var vectors = new VectorSet(dimensions, groups * each);
        for (var group = 0; group < groups; group++)
        {
            var centre = Enumerable.Range(0, dimensions).Select(_ => random.NextGaussian()).ToArray();
            for (var i = 0; i < each; i++)
                vectors.TryAdd([.. centre.Select(value => (float)(value + (0.4 * random.NextGaussian())))]);
        }

        return vectors;
    }
}
