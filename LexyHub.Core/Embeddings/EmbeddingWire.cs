using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace LexyHub.Core.Embeddings;

/// <summary>The body of <c>POST /embeddings</c> and of its answer, as OpenAI and Azure OpenAI define them.</summary>
internal static class EmbeddingWire
{
    /// <param name="model">Null at Azure, where the address names the deployment.</param>
    /// <param name="dimensions">Null for models that know no such parameter.</param>
    public static BinaryData Request(IReadOnlyList<string> texts, string? model, int? dimensions)
    {
        var buffer = new ArrayBufferWriter<byte>(64 + texts.Sum(text => text.Length + 4));
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("input");
            foreach (var text in texts)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
            if (model is not null)
                writer.WriteString("model", model);
            if (dimensions is { } length)
                writer.WriteNumber("dimensions", length);

            // A quarter of the size of decimal numbers, and exact.
            writer.WriteString("encoding_format", "base64");
            writer.WriteEndObject();
        }

        return BinaryData.FromBytes(buffer.WrittenMemory);
    }

    /// <summary>Pairs by <c>index</c>; understands base64 and numbers, whatever was asked for.</summary>
    /// <returns>One vector per text sent, and the tokens billed, 0 where it does not say.</returns>
    /// <exception cref="EmbeddingAnswerException">The answer is not what was asked for.</exception>
    public static (ReadOnlyMemory<float>[] Vectors, long Tokens) ReadAnswer(ReadOnlySpan<byte> body, int count, int dimensions)
    {
        var vectors = new ReadOnlyMemory<float>[count];
        var found = 0;
        var sawData = false;
        long tokens = 0;
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new EmbeddingAnswerException("it is no JSON object");

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("data"u8))
                {
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.StartArray)
                        throw new EmbeddingAnswerException("its data are no array");

                    sawData = true;
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                        found += ReadItem(ref reader, vectors, dimensions);
                }
                else if (reader.ValueTextEquals("usage"u8))
                {
                    reader.Read();
                    tokens = ReadUsage(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (JsonException e)
        {
            // The exception's own text can quote the body.
            throw new EmbeddingAnswerException($"it is no JSON or cut off (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new EmbeddingAnswerException("a value in it is of the wrong kind");
        }

        if (!sawData)
            throw new EmbeddingAnswerException("it has no data");

        return found == count ? (vectors, tokens) : throw new EmbeddingAnswerException($"it has {found} vectors for {count} texts");
    }

    private static int ReadItem(ref Utf8JsonReader reader, ReadOnlyMemory<float>[] vectors, int dimensions)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new EmbeddingAnswerException("an item of its data is no object");

        int? index = null;
        float[]? vector = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                index = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("embedding"u8))
            {
                reader.Read();
                vector = reader.TokenType switch
                {
                    JsonTokenType.String => ReadBase64(ref reader, dimensions),
                    JsonTokenType.StartArray => ReadNumbers(ref reader, dimensions),
                    _ => throw new EmbeddingAnswerException("an embedding is neither base64 nor an array of numbers"),
                };
            }
            else
            {
                reader.Skip();
            }
        }

        if (index is not { } place)
            throw new EmbeddingAnswerException("an item has no index");
        if (place < 0 || place >= vectors.Length)
            throw new EmbeddingAnswerException($"it has index {place} for {vectors.Length} texts");
        if (!vectors[place].IsEmpty)
            throw new EmbeddingAnswerException($"it has index {place} twice");
        if (vector is null)
            throw new EmbeddingAnswerException($"index {place} has no embedding");

        Check(vector, place);
        vectors[place] = vector;
        return 1;
    }

    private static float[] ReadBase64(ref Utf8JsonReader reader, int dimensions)
    {
        if (reader.ValueIsEscaped)
        {
            // Some servers write the slash of base64 as \/.
            var decoded = reader.GetBytesFromBase64();
            return decoded.Length == dimensions * sizeof(float)
                ? MemoryMarshal.Cast<byte, float>(decoded).ToArray()
                : throw WrongDimensions(decoded.Length / (double)sizeof(float), dimensions);
        }

        var length = Base64.GetMaxDecodedFromUtf8Length(reader.ValueSpan.Length);
        var vector = new float[dimensions];
        var bytes = MemoryMarshal.AsBytes(vector.AsSpan());
        var status = Base64.DecodeFromUtf8(reader.ValueSpan, bytes, out _, out var written);
        return status switch
        {
            OperationStatus.Done when written == bytes.Length => vector,
            OperationStatus.Done => throw WrongDimensions(written / (double)sizeof(float), dimensions),
            OperationStatus.DestinationTooSmall => throw WrongDimensions(Math.Round(length / (double)sizeof(float)), dimensions),
            _ => throw new EmbeddingAnswerException("an embedding is no valid base64"),
        };
    }

    private static float[] ReadNumbers(ref Utf8JsonReader reader, int dimensions)
    {
        var vector = new float[dimensions];
        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            var value = reader.GetSingle();
            if (count < dimensions)
                vector[count] = value;
        }

        return count == dimensions ? vector : throw WrongDimensions(count, dimensions);
    }

    private static void Check(ReadOnlySpan<float> vector, int index)
    {
        var sum = 0d;
        foreach (var value in vector)
            sum += (double)value * value;

        if (!double.IsFinite(sum))
            throw new EmbeddingAnswerException($"the vector of index {index} has values that are not finite");
        if (sum <= 0)
            throw new EmbeddingAnswerException($"the vector of index {index} has no length");
    }

    private static long ReadUsage(ref Utf8JsonReader reader)
    {
        using var usage = JsonDocument.ParseValue(ref reader);
        if (usage.RootElement.ValueKind != JsonValueKind.Object)
            return 0;

        foreach (var name in (ReadOnlySpan<string>)["total_tokens", "prompt_tokens"])
        {
            if (usage.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetInt64(out var tokens) && tokens > 0)
            {
                return tokens;
            }
        }

        return 0;
    }

    private static EmbeddingAnswerException WrongDimensions(double actual, int expected)
        => new(string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"its vectors have {actual:0.##} dimensions instead of {expected}"));
}

/// <summary>A service answered 200 with something that cannot be used.</summary>
/// <param name="what">Continues "the answer is unusable:"; quotes no body.</param>
public sealed class EmbeddingAnswerException(string what) : Exception($"The answer is unusable: {what}.");
