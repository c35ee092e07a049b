using Microsoft.Extensions.AI;

namespace LexyHub.Core.Telemetry;

/// <summary>A chat client whose calls are traced and measured.</summary>
internal sealed class TracedChatClient(IChatClient client, ModelTelemetry telemetry) : DelegatingChatClient(client)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => telemetry.CallAsync(
            "chat",
            () => base.GetResponseAsync(messages, options, cancellationToken),
            static response => new ModelUsage(
                response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount, response.ModelId, response.FinishReason?.Value));
}

/// <summary>An embedding generator whose calls are traced and measured.</summary>
internal sealed class TracedEmbeddingGenerator(IEmbeddingGenerator<string, Embedding<float>> generator, ModelTelemetry telemetry)
    : DelegatingEmbeddingGenerator<string, Embedding<float>>(generator)
{
    public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        => telemetry.CallAsync(
            "embeddings",
            () => base.GenerateAsync(values, options, cancellationToken),
            static embeddings => new ModelUsage(embeddings.Usage?.InputTokenCount));
}
