using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace LexyHub.Core.Embeddings;

/// <summary>
/// Reads the answer of <c>POST /embeddings</c> while it arrives: 2,048 vectors are 34 MB in base64 and about 75 MB as numbers, of which no more
/// is in memory than one vector. Pairs by <c>index</c>; understands base64 and numbers, whatever was asked for.
/// </summary>
/// <param name="count">Texts sent.</param>
/// <param name="place">Where the vector of an index goes.</param>
internal sealed class EmbeddingAnswerReader(int count, int dimensions, Func<int, Memory<float>> place)
{
    private const int FirstBufferBytes = 128 * 1_024;

    private readonly bool[] _found = new bool[count];
    private readonly float[] _vector = new float[dimensions];

    private JsonReaderState _state;
    private Expected _expected = Expected.Answer;
    private Expected _afterOther;
    private int? _skipsToDepth;
    private bool _sawData;
    private int? _index;
    private bool _hasVector;
    private int _numbers;
    private long _totalTokens;
    private long _promptTokens;

    private enum Expected
    {
        Answer,
        Property,
        Data,
        Item,
        ItemProperty,
        Index,
        Embedding,
        Number,
        Usage,
        UsageProperty,
        TotalTokens,
        PromptTokens,
        Other,
        Nothing,
    }

    /// <param name="maxBytes">Longest body that is read.</param>
    /// <returns>The tokens billed, 0 where it does not say.</returns>
    /// <exception cref="EmbeddingAnswerException">The answer is not what was asked for.</exception>
    /// <exception cref="HttpRequestException"><see cref="HttpRequestError.ConfigurationLimitExceeded"/>: it is too long.</exception>
    public async Task<long> ReadAsync(Stream body, long maxBytes, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        try
        {
            var filled = 0;
            for (int read; ;)
            {
                read = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken);
                if ((maxBytes -= read) < 0)
                    throw new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, "The answer is longer than is accepted.");

                filled += read;
                var consumed = Take(buffer.AsSpan(0, filled), isEnd: read == 0);
                if (read == 0)
                    break;

                buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
                filled -= consumed;
                if (filled == buffer.Length)
                    buffer = Grow(buffer);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (!_sawData)
            throw new EmbeddingAnswerException("it has no data");

        var found = _found.Count(static isThere => isThere);
        if (found != count)
            throw new EmbeddingAnswerException($"it has {found} vectors for {count} texts");

        return _totalTokens > 0 ? _totalTokens : _promptTokens;
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <returns>Bytes that need not be shown again.</returns>
    private int Take(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        var reader = new Utf8JsonReader(bytes, isEnd, _state);
        try
        {
            while (_expected != Expected.Nothing && reader.Read())
                Take(ref reader);
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

        _state = reader.CurrentState;

        // What follows the answer is read to its end, so that the connection can be used again, and looked at no more.
        return _expected == Expected.Nothing ? bytes.Length : (int)reader.BytesConsumed;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        var token = reader.TokenType;
        if (_skipsToDepth is { } depth)
        {
            if (reader.CurrentDepth == depth && token is JsonTokenType.EndObject or JsonTokenType.EndArray)
                _skipsToDepth = null;
            return;
        }

        switch (_expected)
        {
            case Expected.Answer:
                _expected = token == JsonTokenType.StartObject ? Expected.Property : throw new EmbeddingAnswerException("it is no JSON object");
                break;
            case Expected.Property when token == JsonTokenType.EndObject:
                _expected = Expected.Nothing;
                break;
            case Expected.Property:
                _expected = reader.ValueTextEquals("data"u8) ? Expected.Data : reader.ValueTextEquals("usage"u8) ? Expected.Usage : Other(Expected.Property);
                break;
            case Expected.Data:
                _sawData = true;
                _expected = token == JsonTokenType.StartArray ? Expected.Item : throw new EmbeddingAnswerException("its data are no array");
                break;
            case Expected.Item when token == JsonTokenType.EndArray:
                _expected = Expected.Property;
                break;
            case Expected.Item:
                (_index, _hasVector) = (null, false);
                _expected = token == JsonTokenType.StartObject
                    ? Expected.ItemProperty
                    : throw new EmbeddingAnswerException("an item of its data is no object");
                break;
            case Expected.ItemProperty when token == JsonTokenType.EndObject:
                KeepItem();
                _expected = Expected.Item;
                break;
            case Expected.ItemProperty:
                _expected = reader.ValueTextEquals("index"u8) ? Expected.Index
                    : reader.ValueTextEquals("embedding"u8) ? Expected.Embedding
                    : Other(Expected.ItemProperty);
                break;
            case Expected.Index:
                _index = reader.GetInt32();
                _expected = Expected.ItemProperty;
                break;
            case Expected.Embedding when token == JsonTokenType.String:
                ReadBase64(ref reader);
                _expected = Expected.ItemProperty;
                break;
            case Expected.Embedding:
                _numbers = 0;
                _expected = token == JsonTokenType.StartArray
                    ? Expected.Number
                    : throw new EmbeddingAnswerException("an embedding is neither base64 nor an array of numbers");
                break;
            case Expected.Number when token == JsonTokenType.EndArray:
                _hasVector = _numbers == dimensions ? true : throw WrongDimensions(_numbers);
                _expected = Expected.ItemProperty;
                break;
            case Expected.Number:
                var number = reader.GetSingle();
                if (_numbers < dimensions)
                    _vector[_numbers] = number;
                _numbers++;
                break;
            case Expected.Usage:
                _expected = token == JsonTokenType.StartObject ? Expected.UsageProperty : Skip(ref reader, Expected.Property);
                break;
            case Expected.UsageProperty when token == JsonTokenType.EndObject:
                _expected = Expected.Property;
                break;
            case Expected.UsageProperty:
                _expected = reader.ValueTextEquals("total_tokens"u8) ? Expected.TotalTokens
                    : reader.ValueTextEquals("prompt_tokens"u8) ? Expected.PromptTokens
                    : Other(Expected.UsageProperty);
                break;
            case Expected.TotalTokens:
                _totalTokens = TokensOrNone(ref reader);
                _expected = Skip(ref reader, Expected.UsageProperty);
                break;
            case Expected.PromptTokens:
                _promptTokens = TokensOrNone(ref reader);
                _expected = Skip(ref reader, Expected.UsageProperty);
                break;
            case Expected.Other:
                _expected = Skip(ref reader, _afterOther);
                break;
        }
    }

    private static long TokensOrNone(ref Utf8JsonReader reader)
        => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var tokens) && tokens > 0 ? tokens : 0;

    private Expected Other(Expected after)
    {
        _afterOther = after;
        return Expected.Other;
    }

    // The reader's own way to skip needs the whole value at once.
    private Expected Skip(ref Utf8JsonReader reader, Expected after)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            _skipsToDepth = reader.CurrentDepth;
        return after;
    }

    private void KeepItem()
    {
        if (_index is not { } index)
            throw new EmbeddingAnswerException("an item has no index");
        if (index < 0 || index >= count)
            throw new EmbeddingAnswerException($"it has index {index} for {count} texts");
        if (_found[index])
            throw new EmbeddingAnswerException($"it has index {index} twice");
        if (!_hasVector)
            throw new EmbeddingAnswerException($"index {index} has no embedding");

        Check(index);
        _vector.CopyTo(place(index));
        _found[index] = true;
    }

    private void ReadBase64(ref Utf8JsonReader reader)
    {
        var bytes = MemoryMarshal.AsBytes(_vector.AsSpan());
        if (reader.ValueIsEscaped)
        {
            // Some servers write the slash of base64 as \/.
            var decoded = reader.GetBytesFromBase64();
            if (decoded.Length != bytes.Length)
                throw WrongDimensions(decoded.Length / (double)sizeof(float));

            decoded.CopyTo(bytes);
        }
        else
        {
            var longest = Base64.GetMaxDecodedFromUtf8Length(reader.ValueSpan.Length);
            switch (Base64.DecodeFromUtf8(reader.ValueSpan, bytes, out _, out var written))
            {
                case OperationStatus.Done when written == bytes.Length:
                    break;
                case OperationStatus.Done:
                    throw WrongDimensions(written / (double)sizeof(float));
                case OperationStatus.DestinationTooSmall:
                    throw WrongDimensions(Math.Round(longest / (double)sizeof(float)));
                default:
                    throw new EmbeddingAnswerException("an embedding is no valid base64");
            }
        }

        _hasVector = true;
    }

    private void Check(int index)
    {
        var sum = 0d;
        foreach (var value in _vector)
            sum += (double)value * value;

        if (!double.IsFinite(sum))
            throw new EmbeddingAnswerException($"the vector of index {index} has values that are not finite");
        if (sum <= 0)
            throw new EmbeddingAnswerException($"the vector of index {index} has no length");
    }

    private EmbeddingAnswerException WrongDimensions(double actual)
        => new(string.Create(CultureInfo.InvariantCulture, $"its vectors have {actual:0.##} dimensions instead of {dimensions}"));
}

/// <summary>A service answered 200 with something that cannot be used.</summary>
/// <param name="what">Continues "the answer is unusable:"; quotes no body.</param>
public sealed class EmbeddingAnswerException(string what) : Exception($"The answer is unusable: {what}.");
