using LexyHub.Core.Providers;

namespace LexyHub.Core.Embeddings;

/// <summary>A call whose answer is read into memory that its batch holds.</summary>
/// <param name="room">Of the whole batch.</param>
/// <param name="first">The place of the request's first vector in it.</param>
internal sealed class EmbeddingCall(
    double tokens, bool canBeDivided, VectorRoom.Lease room, int first, CancellationToken stopping, CancellationToken givenUp)
    : ProviderCall(tokens, canBeDivided, stopping, givenUp)
{
    /// <summary>Reads a body as it arrives, no further than so many bytes; it may be called again for another try.</summary>
    public Func<Stream, int, CancellationToken, Task>? BodyReader { get; set; }

    /// <summary>Where the vector of the request's text with this number goes; once there is an answer.</summary>
    public Memory<float> VectorAt(int index) => room[first + index];

    public override ValueTask TakeRoomAsync(CancellationToken cancellationToken) => room.TakeAsync(cancellationToken);

    public override async ValueTask ReadBodyAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        if (BodyReader is null)
        {
            await base.ReadBodyAsync(response, maxBytes, cancellationToken);
            return;
        }

        using var content = response.Content;
        response.Content = new ByteArrayContent([]);
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        await BodyReader(body, maxBytes, cancellationToken);
    }
}
