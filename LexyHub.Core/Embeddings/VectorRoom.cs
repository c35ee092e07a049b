using System.Collections.Concurrent;

namespace LexyHub.Core.Embeddings;

/// <summary>
/// Memory for answers, used over and over: one of 2,048 vectors takes 25 MB. Answers for which there is no room wait in the
/// network's buffers until the vectors before them are written.
/// </summary>
/// <param name="pages">So many exist at most.</param>
/// <param name="vectorsPerPage">A batch takes whole pages.</param>
internal sealed class VectorRoom(int pages, int vectorsPerPage, int dimensions) : IDisposable
{
    private readonly SemaphoreSlim _free = new(pages);
    private readonly ConcurrentBag<float[]> _used = [];

    // Pages are taken one by one: two batches that each hold a half of what they need would wait for ever.
    private readonly SemaphoreSlim _turn = new(1);

    /// <param name="count">Vectors; no more than all pages hold.</param>
    public Lease For(int count) => new(this, (count + vectorsPerPage - 1) / vectorsPerPage);

    public void Dispose()
    {
        _free.Dispose();
        _turn.Dispose();
    }

    /// <summary>Room for one batch, taken when its first answer arrives and held until its vectors have been used.</summary>
    internal sealed class Lease(VectorRoom room, int pages) : IDisposable
    {
        private readonly int _dimensions = room.Dimensions;
        private readonly int _vectorsPerPage = room.VectorsPerPage;
        private readonly List<float[]> _pages = new(pages);

        /// <summary>The place of a vector; what is there is left from before until it is written to.</summary>
        public Memory<float> this[int index]
            => _pages[index / _vectorsPerPage].AsMemory(index % _vectorsPerPage * _dimensions, _dimensions);

        public async ValueTask TakeAsync(CancellationToken cancellationToken)
        {
            if (_pages.Count == pages)
                return;

            await room._turn.WaitAsync(cancellationToken);
            try
            {
                while (_pages.Count < pages)
                {
                    await room._free.WaitAsync(cancellationToken);
                    _pages.Add(room._used.TryTake(out var page) ? page : room.NewPage());
                }
            }
            finally
            {
                room._turn.Release();
            }
        }

        public void Dispose()
        {
            foreach (var page in _pages)
                room._used.Add(page);
            if (_pages.Count > 0)
                room._free.Release(_pages.Count);
            _pages.Clear();
        }
    }

    private int Dimensions => dimensions;

    private int VectorsPerPage => vectorsPerPage;

    private float[] NewPage() => GC.AllocateUninitializedArray<float>(vectorsPerPage * dimensions);
}
