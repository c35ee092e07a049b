using LexyHub.Core.Clusters.Numerics;
using static LexyHub.Core.Tests.Clusters.NumericsVectors;

namespace LexyHub.Core.Tests.Clusters;

public sealed class DimensionReductionTests
{
    [Theory]
    [InlineData("text-embedding-3-large", "prefix", 512)]
    [InlineData("text-embedding-3-small", "prefix", 512)]
    [InlineData("text-embedding-ada-002", "projection", 1_024)]
    [InlineData("lexyhub-local-1", "projection", 1_024)]
    public void For_DefaultOfTheModel_CutsOnlyWhatIsDocumentedForIt(string model, string name, int dimensions)
    {
        var reduction = DimensionReduction.For(model, 3_072, DimensionReduction.DefaultFor(model));

        Assert.Equal((name, dimensions, name == "prefix" ? 512 : 3_072), (reduction.Name, reduction.Dimensions, reduction.ReadDimensions));
    }

    [Theory]
    [InlineData("lexyhub-local-1", 64)]
    [InlineData("lexyhub-local-1", 5)]
    [InlineData("text-embedding-3-large", 64)]
    public void ApplyAll_ManyVectors_GivesTheBitsOfOneAfterTheOther(string model, int dimensions)
    {
        const int Count = 37;
        var reduction = DimensionReduction.For(model, 300, dimensions);
        float[][] rows = [.. GroupRows(groups: Count, each: 1, reduction.ReadDimensions)];
        rows[3][7] = 0;
        rows[36][7] = -0f;
        var (expected, actual) = (new float[Count * dimensions], new float[Count * dimensions]);
        Array.Fill(actual, float.NaN);
        for (var row = 0; row < Count; row++)
            reduction.Apply(rows[row], expected.AsSpan(row * dimensions, dimensions));

        reduction.ApplyAll(rows.SelectMany(row => row).ToArray(), actual);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Apply_Projection_KeepsInnerProductsButForItsError()
    {
        // The variance of a projected product of unit vectors is about 1/dimensions.
        var vectors = Groups(groups: 40, each: 1, dimensions: 1_500);
        var reduction = DimensionReduction.For("lexyhub-local-1", 1_500, 512);
        var projected = Enumerable.Range(0, 40).Select(row =>
        {
            var target = new float[512];
            reduction.Apply(vectors[row], target);
            return target;
        }).ToArray();

        var errors = Enumerable.Range(0, 40).SelectMany(one => Enumerable.Range(0, one).Select(other =>
            ExactDot.Of(vectors[one], vectors[other]) - ExactDot.Of(projected[one], projected[other])));

        Assert.InRange(Math.Sqrt(errors.Average(error => error * error)), 0.02, 1.3 / Math.Sqrt(512));
    }
}
