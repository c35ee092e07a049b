using System.Text.Json;
using System.Text.Json.Nodes;

namespace LexyHub.Core.Intents;

/// <summary>A classification as LexyHub's dashboards read it in <c>extras</c>.</summary>
internal static class ClassificationJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>What is merged into <c>extras</c>: <c>classification</c>, <c>classificationAudit</c>, and the label alone in <c>intent</c>.</returns>
    public static byte[] Patch(Classification classification, IntentAudit audit, DateTimeOffset now)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(768);
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("classification");
            WriteFields(writer, classification);
            writer.WriteString("updatedAt", now.UtcDateTime);
            writer.WriteEndObject();
            writer.WriteStartObject("classificationAudit");
            writer.WriteNumber("promptVersion", audit.PromptVersion);
            writer.WriteNumber("taxonomyVersion", IntentTaxonomy.Version);
            writer.WriteNumber("tokens", audit.Tokens);
            writer.WriteString("runId", audit.RunId);
            writer.WriteEndObject();
            writer.WriteString("intent", classification.Intent.ToWire());
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <returns>For the command line: the text first.</returns>
    public static JsonObject Describe(string text, Classification classification, IReadOnlyList<string> cues)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(768);
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartObject();
            writer.WriteString("text", text);
            WriteFields(writer, classification);
            writer.WriteStartArray("cues");
            foreach (var cue in cues)
                writer.WriteStringValue(cue);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, Classification classification)
    {
        writer.WriteString("intent", classification.Intent.ToWire());
        WriteIfAny(writer, "secondaryIntent", classification.SecondaryIntent?.ToWire());
        writer.WriteString("purchaseStage", classification.Stage.ToWire());
        WriteIfAny(writer, "persona", classification.Persona);
        writer.WriteString("summary", classification.Summary);
        writer.WriteNumber("confidence", classification.Confidence);
        writer.WriteBoolean("calibrated", classification.Calibrated);
        if (classification.VerbalConfidence is { } verbal)
            writer.WriteNumber("verbalConfidence", verbal);
        var facets = classification.Facets;
        WriteIfAny(writer, "occasion", facets.Occasion);
        WriteIfAny(writer, "recipient", facets.Recipient);
        WriteIfAny(writer, "style", facets.Style);
        WriteIfAny(writer, "material", facets.Material);
        if (facets.Gift is { } gift)
            writer.WriteBoolean("gift", gift);
        writer.WriteString("legacyIntent", classification.LegacyIntent);
        writer.WriteString("model", classification.Model);
    }

    private static void WriteIfAny(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}

/// <summary>How a classification came about.</summary>
/// <param name="Tokens">The item's share of its request's tokens; 0 for the lexicon.</param>
internal readonly record struct IntentAudit(int PromptVersion, int Tokens, Guid RunId);
