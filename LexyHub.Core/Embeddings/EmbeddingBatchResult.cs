namespace LexyHub.Core.Embeddings;

/// <summary>A text to embed.</summary>
/// <param name="Key">The caller's own.</param>
/// <param name="Text">Not blank.</param>
public record EmbeddingInput(string Key, string Text);

/// <summary>A text with its vector.</summary>
/// <param name="Vector">As the service gave it: of the right length, finite, not all zero. Its memory is used again once the next
/// result is asked for.</param>
/// <param name="Tokens">What was sent, after any cut.</param>
/// <param name="Truncated">True where the text was longer than the model takes and was cut at a token boundary.</param>
public sealed record EmbeddedText(EmbeddingInput Input, ReadOnlyMemory<float> Vector, int Tokens, bool Truncated);

/// <summary>A text that was refused while it stood alone: the service does not want it, so asking again soon is useless.</summary>
/// <param name="Reason">The service's own words; no secret.</param>
public sealed record RejectedText(EmbeddingInput Input, string Reason);

/// <summary>Texts that got no usable answer after all retries; nothing is wrong with them.</summary>
/// <param name="Reason">What went wrong; no secret.</param>
public sealed record FailedBatch(IReadOnlyList<EmbeddingInput> Inputs, string Reason);

/// <summary>What came of one packed request and of the smaller ones that it had to be divided into.</summary>
/// <param name="Requests">Answered or not, repetitions included.</param>
/// <param name="Tokens">As billed by the service, or as counted here where it does not say; 0 for the local model.</param>
public sealed record EmbeddingBatchResult(
    IReadOnlyList<EmbeddedText> Embedded,
    IReadOnlyList<RejectedText> Rejected,
    IReadOnlyList<FailedBatch> Failed,
    int Requests,
    long Tokens);
