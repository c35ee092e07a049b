using LexyHub.Core.Http;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Embeddings;

/// <summary>Turns texts into vectors with one model of one provider. Safe to share between calls.</summary>
public interface IEmbeddingService
{
    /// <summary>As it is stored: the model's name, or that of the local one with its version.</summary>
    string Model { get; }

    /// <summary>Length of every vector.</summary>
    int Dimensions { get; }

    /// <summary>True for the lexical stand-in that needs no service.</summary>
    bool IsLocal { get; }

    /// <summary>In US dollars; 0 for the local model.</summary>
    decimal PricePerMillionTokens { get; }

    /// <returns>The tokens of the text as it is sent, 0 for the local model, and whether it is cut before that.</returns>
    (int Tokens, bool Truncated) Measure(string text);

    /// <summary>
    /// Packs the texts into requests and yields each answer as it arrives, in any order; every input comes out once:
    /// embedded, rejected or failed. The source is read no further ahead than a bounded window. An answer counts as one of the
    /// <see cref="EmbeddingOptions.MaxConcurrency"/> requests under way until the next one is asked for, and
    /// the memory of its vectors is used again then: use it before that.
    /// </summary>
    /// <param name="inputs">Texts that are not blank. Equal ones near each other are sent once.</param>
    /// <param name="budget">
    /// Once it is cancelled, no request begins any more; those under way get <see cref="EmbeddingOptions.StopGrace"/> to
    /// end and their answers are still yielded, because they are paid for; then <see cref="OperationCanceledException"/>.
    /// Disposing of the enumerator ends all at once. <see cref="HttpDeadline"/>, where it is set at the first step of the
    /// enumeration, keeps waits from beginning that could not end in time.
    /// </param>
    /// <exception cref="JobException">
    /// Nothing can go on: <c>provider-unauthorized</c>, <c>provider-quota-exhausted</c>, <c>provider-deployment-not-found</c>,
    /// <c>provider-refused</c>, <c>provider-failing</c> or <c>provider-unreachable</c>. Thrown after all answers that arrived.
    /// </exception>
    /// <exception cref="RemoteServiceException">
    /// <c>rate-limited</c>: the provider asks for a wait that the budget does not hold
    /// (<see cref="StopReason.RateLimit"/>). Thrown after all answers that arrived.
    /// </exception>
    IAsyncEnumerable<EmbeddingBatchResult> EmbedAsync(IAsyncEnumerable<EmbeddingInput> inputs, CancellationToken budget);
}

/// <summary>Knows which provider the settings choose.</summary>
public interface IEmbeddingServiceFactory
{
    /// <summary>The service that the settings choose; the same one each time.</summary>
    /// <exception cref="JobException"><c>provider-not-configured</c>, 500.</exception>
    IEmbeddingService Resolve();
}
