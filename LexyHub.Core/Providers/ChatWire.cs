using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LexyHub.Core.Providers;

/// <summary>The body of <c>POST /chat/completions</c> and of its answer, as OpenAI and Azure OpenAI define them.</summary>
internal static class ChatWire
{
    /// <summary><see cref="ErrorContent.ErrorCode"/> of a model that declined, as the ready-made adapter has it.</summary>
    public const string Refusal = "Refusal";

    /// <param name="model">Null at Azure, where the address names the deployment.</param>
    public static BinaryData Request(IEnumerable<ChatMessage> messages, ChatOptions? options, string? model)
    {
        var buffer = new ArrayBufferWriter<byte>(4_096);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (model is not null)
                writer.WriteString("model", model);
            writer.WriteStartArray("messages");
            foreach (var message in messages)
            {
                writer.WriteStartObject();
                writer.WriteString("role", message.Role.Value);
                writer.WriteString("content", message.Text);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (options?.Temperature is { } temperature)
                writer.WriteNumber("temperature", temperature);
            if (options?.MaxOutputTokens is { } most)
                writer.WriteNumber("max_completion_tokens", most);
            if (options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } format)
                WriteFormat(writer, format, schema);
            writer.WriteEndObject();
        }

        return BinaryData.FromBytes(buffer.WrittenMemory);
    }

    /// <exception cref="ChatAnswerException">The answer is not of the wire format.</exception>
    public static ChatResponse ReadAnswer(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (!document.RootElement.TryGetProperty("choices", out var choices) || choices.GetArrayLength() == 0)
                throw new ChatAnswerException("it has no choices");

            var choice = choices[0];
            var message = choice.GetProperty("message");
            var contents = new List<AIContent>();
            if (Text(message, "content") is { } content)
                contents.Add(new TextContent(content));
            if (Text(message, "refusal") is { } refusal)
                contents.Add(new ErrorContent(refusal) { ErrorCode = Refusal });

            return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents))
            {
                // Other servers leave it out.
                FinishReason = new ChatFinishReason(Text(choice, "finish_reason") ?? "stop"),
                ModelId = Text(document.RootElement, "model"),
                Usage = ReadUsage(document.RootElement),
            };
        }
        catch (JsonException e)
        {
            // The exception's own text can quote the body.
            throw new ChatAnswerException($"it is no JSON or cut off (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})");
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            throw new ChatAnswerException("a value in it is missing or of the wrong kind");
        }
    }

    private static void WriteFormat(Utf8JsonWriter writer, ChatResponseFormatJson format, JsonElement schema)
    {
        writer.WriteStartObject("response_format");
        writer.WriteString("type", "json_schema");
        writer.WriteStartObject("json_schema");
        writer.WriteString("name", format.SchemaName ?? "answer");
        writer.WriteBoolean("strict", true);
        writer.WritePropertyName("schema");
        schema.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static UsageDetails ReadUsage(JsonElement root)
    {
        if (!root.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object)
            return new UsageDetails();

        var (input, output) = (Count(usage, "prompt_tokens"), Count(usage, "completion_tokens"));
        return new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output };
    }

    private static long Count(JsonElement usage, string name)
        => usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count)
            ? Math.Max(0, count)
            : 0;

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>A service answered 200 with something that is no chat completion.</summary>
/// <param name="what">Continues "the answer is unusable:"; quotes no body.</param>
public sealed class ChatAnswerException(string what) : Exception($"The answer is unusable: {what}.");
