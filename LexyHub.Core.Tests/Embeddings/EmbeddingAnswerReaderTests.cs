using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CsCheck;
using LexyHub.Core.Embeddings;

namespace LexyHub.Core.Tests.Embeddings;

public sealed class EmbeddingAnswerReaderTests
{
    private const int Dimensions = 96;

    /// <summary>Larger than the first buffer, so that it has to grow.</summary>
    private static readonly string s_padding = new('x', 200_000);

    [Fact]
    public Task ReadAsync_PiecesOfAnySize_GiveTheSameVectorsAndTokens()
        => Gen.Select(Gen.Int[1, 12], Gen.Bool, Gen.Bool, Gen.Int[1, 3_000].Array[1, 40], Gen.Int[0, 1_000]).SampleAsync(
            async (count, floats, isEscaped, pieces, seed) =>
            {
                var expected = Vectors(count, seed);
                var (vectors, tokens) = await ReadAsync(Body(expected, floats, isEscaped, seed), count, pieces);
                return tokens == 17 && vectors.Select((vector, i) => vector.AsSpan().SequenceEqual(expected[i])).All(equal => equal);
            },
            iter: 200);

    [Fact]
    public async Task ReadAsync_BodyLongerThanAccepted_IsRefused()
    {
        var body = Body(Vectors(4, 1), floats: false, isEscaped: false, seed: 1);
        using var stream = new MemoryStream(body);

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Reader(4, out _).ReadAsync(stream, body.Length - 1, CancellationToken.None));

        Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, error.HttpRequestError);
    }

    [Fact]
    public async Task ReadAsync_CutOffAnywhere_IsUnusable()
    {
        var body = Body(Vectors(2, 1), floats: false, isEscaped: false, seed: 1);
        for (var length = 0; length < body.Length; length += 61)
        {
            using var stream = new MemoryStream(body, 0, length);
            await Assert.ThrowsAsync<EmbeddingAnswerException>(() => Reader(2, out _).ReadAsync(stream, int.MaxValue, CancellationToken.None));
        }
    }

    private static EmbeddingAnswerReader Reader(int count, out float[][] vectors)
    {
        var places = vectors = [.. Enumerable.Range(0, count).Select(_ => new float[Dimensions])];
        return new EmbeddingAnswerReader(count, Dimensions, i => places[i]);
    }

    private static async Task<(float[][] Vectors, long Tokens)> ReadAsync(byte[] body, int count, int[] pieces)
    {
        var reader = Reader(count, out var vectors);
        using var stream = new StreamInPieces(body, pieces);
        var tokens = await reader.ReadAsync(stream, int.MaxValue, CancellationToken.None);
        return (vectors, tokens);
    }

    private static float[][] Vectors(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray())];
    }

    // In any order, with things of which nothing is known in between.
    private static byte[] Body(float[][] vectors, bool floats, bool isEscaped, int seed)
    {
        string Value(float[] vector) => floats
            ? $"[{string.Join(',', vector.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]"
            : $"\"{Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan())).Replace("/", isEscaped ? "\\/" : "/", StringComparison.Ordinal)}\"";
        var items = Enumerable.Range(0, vectors.Length).ToArray();
        new Random(seed).Shuffle(items);
        var data = items.Select(i => i % 2 == 0
            ? $$"""{"object":"embedding","index":{{i}},"embedding":{{Value(vectors[i])}}}"""
            : $$"""{"embedding":{{Value(vectors[i])}},"notes":{"index":[99,{"embedding":[]}]},"index":{{i}}}""");
        return Encoding.UTF8.GetBytes($$"""
            {"object":"list","extra":[{"data":[1]},"{{s_padding}}"],"data":[{{string.Join(',', data)}}],"usage":{"details":{"total_tokens":5},"prompt_tokens":16,"total_tokens":17},"id":null}
            """ + "  ");
    }

    /// <summary>Gives no more at once than the next piece's size, from the first again after the last.</summary>
    private sealed class StreamInPieces(byte[] bytes, int[] pieces) : MemoryStream(bytes)
    {
        private int reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer[..Math.Min(buffer.Length, pieces[reads++ % pieces.Length])], cancellationToken);
    }
}
