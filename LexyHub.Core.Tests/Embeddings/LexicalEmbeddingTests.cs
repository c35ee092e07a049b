using LexyHub.Core.Embeddings;

namespace LexyHub.Core.Tests.Embeddings;

public sealed class LexicalEmbeddingTests
{
    [Theory]
    [InlineData("gold hoop earrings", "hoop earring gold", "wool scarf")]
    [InlineData("personalized dog collar", "personalised dog collars", "personalized mug")]
    [InlineData("Ärmelloses Kleid", "ärmellose kleider", "wool scarf")]
    public void Embed_WordsInCommon_AreNearerThanNone(string text, string near, string far)
        => Assert.True(Cosine(text, near) > Cosine(text, far) + 0.1, $"{Cosine(text, near)} {Cosine(text, far)}");

    [Fact]
    public void Embed_NothingInCommon_IsNearlyOrthogonal()
        => Assert.InRange(Cosine("gold hoop earrings", "wool scarf"), -0.15, 0.15);

    [Theory]
    [InlineData("gold")]
    [InlineData("a")]
    [InlineData("★★ ♥")]
    [InlineData("日本のイヤリング")]
    [InlineData("👒")]
    public void Embed_AnyText_HasUnitLengthAndNoOtherTextsVector(string text)
    {
        var vector = Embed(text);

        Assert.Equal(1, vector.Sum(value => (double)value * value), 5);
        Assert.All(vector, value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(vector, Embed(text + " ring"));
    }

    [Fact]
    public void Embed_SameTermOtherwiseWritten_IsTheSame() => Assert.Equal(Embed("gold hoop"), Embed("  GOLD   Hoop "));

    [Fact]
    public void Embed_VeryLongWord_IsTaken()
        => Assert.Equal(1, Embed(new string('a', 100_000)).Sum(value => (double)value * value), 4);

    // Vectors are compared across runs and machines: a change of any bit needs another model name.
    [Fact]
    public void Embed_AKnownTerm_KeepsItsVector()
    {
        var vector = Embed("gold hoop earrings");
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan());

        Assert.Equal("lexyhub-local-1", LexicalEmbedding.Model);
        Assert.Equal("A6C71E980027D438", Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))[..16]);
    }

    [Fact]
    public async Task EmbedAsync_Local_NamesItselfAndCostsNothing()
    {
        var service = new LocalEmbeddingService(3_072);

        var results = new List<EmbeddingBatchResult>();
        await foreach (var result in service.EmbedAsync(EmbeddingClient.Inputs(Enumerable.Range(0, 1_000).Select(i => $"term {i}")), default))
            results.Add(result);

        Assert.True(service.IsLocal);
        Assert.Equal(LexicalEmbedding.Model, service.Model);
        Assert.Equal(1_000, results.Sum(result => result.Embedded.Count));
        Assert.All(results, result => Assert.Equal((0, 0L), (result.Requests, result.Tokens)));
    }

    private static float[] Embed(string text)
    {
        var vector = new float[3_072];
        LexicalEmbedding.Embed(text, vector);
        return vector;
    }

    private static double Cosine(string a, string b) => Embed(a).Zip(Embed(b), (x, y) => (double)x * y).Sum();
}
