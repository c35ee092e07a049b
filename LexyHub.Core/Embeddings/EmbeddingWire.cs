using System.Buffers;
using System.Text.Json;

namespace LexyHub.Core.Embeddings;

/// <summary>The body of <c>POST /embeddings</c>, as OpenAI and Azure OpenAI define it.</summary>
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
}
