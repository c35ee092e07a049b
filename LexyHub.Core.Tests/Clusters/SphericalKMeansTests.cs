using LexyHub.Core.Clusters.Numerics;
using static LexyHub.Core.Tests.Clusters.NumericsVectors;

namespace LexyHub.Core.Tests.Clusters;

public sealed class SphericalKMeansTests
{
    [Theory]
    [InlineData(true, 33)]
    [InlineData(false, 33)]
    [InlineData(true, 64)]
    [InlineData(false, 64)]
    public void Assign_PassAfterPass_IsWhatEveryProductInDoubleSays(bool wide, int dimensions)
    {
        if (wide && !TileKernel.IsWide)
            return;

        // Noise as strong as the groups, so that vectors go on moving and bounds are put to the test.
        var vectors = Groups(groups: 70, each: 20, dimensions, noise: 1.5);
        const int Clusters = 101;
        var centroids = new float[Clusters * dimensions];
        for (var cluster = 0; cluster < Clusters; cluster++)
            vectors[cluster * 13].CopyTo(centroids.AsSpan(cluster * dimensions));
        var (assignments, similarities) = (new int[vectors.Count], new float[vectors.Count]);
        Array.Fill(assignments, -1);
        var means = new SphericalKMeans(vectors, centroids, assignments, similarities, new ParallelOptions(), wide);

        for (var pass = 0; pass < 12; pass++)
        {
            var expected = Enumerable.Range(0, vectors.Count).Select(row => Nearest(vectors[row], centroids)).ToArray();
            means.Assign(0, 500);
            means.Assign(500, vectors.Count);
            Assert.Equal(expected, assignments);
            means.Recentre();
        }

        Assert.True(means.Products < 12L * vectors.Count * Clusters, "no bound ever saved work");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Assign_WithHomes_IsTheNearestLessTheMarginOfLeavingHome(bool wide)
    {
        if (wide && !TileKernel.IsWide)
            return;

        const int Dimensions = 48;
        const int Clusters = 101;
        var vectors = Groups(groups: 70, each: 20, Dimensions, noise: 1.5);
        var centroids = new float[Clusters * Dimensions];
        for (var cluster = 0; cluster < Clusters; cluster++)
            vectors[cluster * 13].CopyTo(centroids.AsSpan(cluster * Dimensions));

        // Homes as they are after a first pass, but for some vectors that are far from theirs: they leave, and some come back.
        var (assignments, similarities) = (new int[vectors.Count], new float[vectors.Count]);
        var homes = Enumerable.Range(0, vectors.Count).Select(row => row % 7 == 0 ? row % Clusters : Nearest(vectors[row], centroids)).ToArray();
        homes.CopyTo(assignments, 0);
        var means = new SphericalKMeans(vectors, centroids, assignments, similarities, new ParallelOptions(), wide, homes);
        var (stayed, left) = (0, 0);

        for (var pass = 0; pass < 12; pass++)
        {
            var nearest = Enumerable.Range(0, vectors.Count).Select(row => Nearest(vectors[row], centroids)).ToArray();
            var expected = Enumerable.Range(0, vectors.Count).Select(row =>
                Cosine(vectors[row], centroids, homes[row]) >= Cosine(vectors[row], centroids, nearest[row]) - Loyalty.Margin ? homes[row] : nearest[row]).ToArray();
            means.Assign(0, 500);
            means.Assign(500, vectors.Count);
            Assert.Equal(expected, assignments);
            Assert.All(Enumerable.Range(0, vectors.Count), row => Assert.Equal(Cosine(vectors[row], centroids, assignments[row]), similarities[row], 1e-6));
            stayed += Enumerable.Range(0, vectors.Count).Count(row => assignments[row] != nearest[row]);
            left += Enumerable.Range(0, vectors.Count).Count(row => assignments[row] != homes[row]);
            means.Recentre();
        }

        Assert.True(stayed > 100 && left > 100, $"{stayed} stayed for the margin, {left} were away: too few to prove anything");
        Assert.True(means.Products < 12L * vectors.Count * Clusters, "no bound ever saved work");
    }

    [Fact]
    public void Assign_WithoutAHomeWhereOthersHaveOne_TakesNoPart()
    {
        var vectors = Of(2, [[1, 0], [0.9f, 0.4f], [0, 1]]);
        float[] centroids = [1, 0, 0, 1];
        int[] assignments = [0, -1, 1];
        var means = new SphericalKMeans(vectors, centroids, assignments, new float[3], new ParallelOptions(), homes: [0, -1, 1]);

        means.Assign(0, 3);
        means.Recentre();

        Assert.Equal([0, -1, 1], assignments);
        Assert.Equal([1, 0, 0, 1], centroids);
        Assert.Equal(0, means.Moved);
    }

    [Fact]
    public void Assign_EquallyNear_TakesTheLowerNumber()
    {
        var vectors = Of(2, [[1, 0], [0, 1]]);
        float[] centroids = [0, 1, 1, 0, 1, 0, 0, 1];
        var assignments = new int[] { 2, 3 };

        new SphericalKMeans(vectors, centroids, assignments, new float[2], new ParallelOptions()).Assign(0, 2);

        Assert.Equal([1, 0], assignments);
    }

    [Fact]
    public void Multiply_BothWidths_GiveTheBitsOfFusedSums()
    {
        const int Dimensions = 50;
        var rows = Groups(groups: 8, each: 1, Dimensions);
        var centroids = Groups(groups: CentroidPanels.Width, each: 1, Dimensions, seed: 11);
        var panels = new CentroidPanels(CentroidPanels.Width, Dimensions);
        for (var lane = 0; lane < CentroidPanels.Width; lane++)
            panels.Set(lane, centroids[lane]);
        var offsets = Enumerable.Range(0, TileKernel.Rows).Select(row => (nint)(row * rows.Stride)).ToArray();

        foreach (var wide in TileKernel.IsWide ? [true, false] : new[] { false })
        {
            var scores = new float[TileKernel.Scores];
            TileKernel.Multiply(ref rows.Origin, offsets, ref panels[0], Dimensions, scores, wide);
            Assert.All(Enumerable.Range(0, TileKernel.Scores), i => Assert.Equal(
                Fused(rows[i / CentroidPanels.Width], centroids[i % CentroidPanels.Width]), scores[i]));
        }
    }

    private static float Fused(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
            sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        return sum;
    }

    private static int Nearest(ReadOnlySpan<float> vector, float[] centroids)
    {
        var (nearest, best) = (-1, double.NegativeInfinity);
        for (var cluster = 0; cluster < centroids.Length / vector.Length; cluster++)
        {
            var cosine = Cosine(vector, centroids, cluster);
            if (cosine > best + 1e-13)
                (nearest, best) = (cluster, cosine);
        }

        return nearest;
    }

    private static double Cosine(ReadOnlySpan<float> vector, float[] centroids, int cluster)
    {
        var sum = 0d;
        for (var i = 0; i < vector.Length; i++)
            sum += (double)vector[i] * centroids[(cluster * vector.Length) + i];
        return sum;
    }
}
