using LexyHub.Core.Clusters;

namespace LexyHub.Core.Tests.Clusters;

public sealed class ClusterGrowthTests
{
    [Theory]
    [InlineData(1_000, 0, 900)]
    [InlineData(1_000, 50, null)]
    [InlineData(1_000, 50, 1_000)]
    [InlineData(900, 50, 1_000)]
    public void Of_NothingToCompareWithOrNoGrowth_LooksForNoMore(int terms, int clusters, int? before)
        => Assert.Equal(new ClusterGrowth(0, terms), ClusterGrowth.Of(terms, clusters, before));

    [Fact]
    public void Of_GrowthByATenth_LooksForHalfAsManyAgain()
        => Assert.Equal(new ClusterGrowth(5, 1_100), ClusterGrowth.Of(1_100, 100, 1_000));

    [Fact]
    public void Of_SmallGrowthEachDay_AddsUp()
    {
        var (clusters, before) = (100, 10_000);
        for (var terms = 10_030; terms <= 13_000; terms += 30)
        {
            var growth = ClusterGrowth.Of(terms, clusters, before);
            (clusters, before) = (clusters + growth.Additional, growth.Terms);
        }

        Assert.InRange(clusters, 113, 115);
    }
}
