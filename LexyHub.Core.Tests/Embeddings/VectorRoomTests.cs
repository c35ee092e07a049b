using LexyHub.Core.Embeddings;

namespace LexyHub.Core.Tests.Embeddings;

public sealed class VectorRoomTests
{
    [Fact]
    public async Task TakeAsync_RoomThatIsFull_WaitsUntilSomeIsGivenBackAndUsesItAgain()
    {
        using var room = new VectorRoom(pages: 3, vectorsPerPage: 2, dimensions: 4);
        using var first = room.For(4);
        using var second = room.For(3);
        await first.TakeAsync(CancellationToken.None);
        first[3].Span.Fill(7);

        var waiting = second.TakeAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        await waiting;

        // The place of its own that no other vector has, and memory of the first.
        for (var i = 0; i < 3; i++)
            second[i].Span.Fill(i);
        Assert.All(Enumerable.Range(0, 3), i => Assert.All(second[i].ToArray(), value => Assert.Equal(i, value)));
    }

    [Fact]
    public async Task TakeAsync_TwoThatTogetherNeedMoreThanThereIs_BothComeToTheirEnd()
    {
        using var room = new VectorRoom(pages: 4, vectorsPerPage: 1, dimensions: 1);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            using var lease = room.For(3);
            await lease.TakeAsync(CancellationToken.None);
            await Task.Yield();
        }))).WaitAsync(TimeSpan.FromMinutes(1));
    }
}
