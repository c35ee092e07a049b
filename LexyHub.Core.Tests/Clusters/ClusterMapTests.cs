using LexyHub.Core.Clusters;

namespace LexyHub.Core.Tests.Clusters;

public sealed class ClusterMapTests
{
    [Fact]
    public void Place_AnyClusters_FillsTheSquareAndKeepsWhatIsFarApart()
    {
        var centroids = Random(40, 1);

        var places = ClusterMap.Place(centroids, new MapPoint?[40]);

        Assert.All(places, place => Assert.InRange(Math.Max(Math.Abs(place.X), Math.Abs(place.Y)), 0, 1.000001));
        Assert.Equal(1, places.Max(place => Math.Sqrt((place.X * place.X) + (place.Y * place.Y))), 5);

        // Two heaps lie apart along the first component.
        Assert.True(places[..20].Max(place => place.X) < places[20..].Min(place => place.X) || places[..20].Min(place => place.X) > places[20..].Max(place => place.X));
    }

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(-1, 0, false)]
    [InlineData(0.6, 0.8, false)]
    [InlineData(0.6, 0.8, true)]
    public void Place_LayTurnedOrMirroredBefore_LiesThereAgain(double cos, double sin, bool mirrored)
    {
        var centroids = Random(40, 1);
        var first = ClusterMap.Place(centroids, new MapPoint?[40]);
        var before = first.Select(place => mirrored ? new MapPoint(place.X, -place.Y) : place)
            .Select(place => (MapPoint?)new MapPoint((cos * place.X) - (sin * place.Y), (sin * place.X) + (cos * place.Y))).ToArray();
        before[3] = null;

        var again = ClusterMap.Place(centroids, before);

        Assert.All(Enumerable.Range(0, 40).Where(i => i != 3), i =>
        {
            Assert.Equal(before[i]!.Value.X, again[i].X, 4);
            Assert.Equal(before[i]!.Value.Y, again[i].Y, 4);
        });
    }

    [Fact]
    public void Place_NoneOneOrEqualOnes_LieInTheMiddle()
    {
        Assert.Empty(ClusterMap.Place([], []));
        Assert.Equal([new MapPoint(0, 0)], ClusterMap.Place([[1, 0]], [null]));
        Assert.Equal([new MapPoint(0, 0), new MapPoint(0, 0)], ClusterMap.Place([[1, 0], [1, 0]], [null, null]));
    }

    private static float[][] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
            Enumerable.Range(0, 16).Select(j => (random.NextSingle() - 0.5f) + (j == 0 ? (i < count / 2 ? -3 : 3) : 0)).ToArray())];
    }
}
