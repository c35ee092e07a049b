using System.Text.Json;
using LexyHub.Core.Providers;

namespace LexyHub.Benchmarks.Intents;

/// <summary>A model that answers at once, with a valid entry for every item.</summary>
internal sealed class InstantChat : IChatService, IChatServiceFactory
{
    public string Model => "gpt-4o-mini";

    public int MaxConcurrency => 8;

    public IChatService Resolve() => this;

    public decimal CostOf(long inputTokens, long outputTokens) => 0;

    public Task<ChatAnswer> AskAsync(ChatQuestion question, CancellationToken budget)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(16_384);
        using (var data = JsonDocument.Parse(question.Data))
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            foreach (var item in data.RootElement.EnumerateArray())
            {
                writer.WriteStartObject();
                writer.WriteString("id", item.GetProperty("id").GetString());
                writer.WriteString("intent", "commercial");
                writer.WriteNull("secondaryIntent");
                writer.WriteString("purchaseStage", "consideration");
                writer.WriteString("persona", "comparing shopper");
                writer.WriteString("summary", "Compares things of a kind before choosing one.");
                writer.WriteNumber("confidence", 0.8);
                writer.WriteNull("occasion");
                writer.WriteNull("recipient");
                writer.WriteNull("style");
                writer.WriteNull("material");
                writer.WriteNull("gift");
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Task.FromResult(new ChatAnswer(ChatOutcome.Complete, System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan), null, 1, 1_000, 1_000));
    }
}
