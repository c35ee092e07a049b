namespace LexyHub.Core.Embeddings;

/// <summary>
/// Room in memory for answers: one of 2,048 vectors takes 25 MB, and as much again while it is read. Answers for which there is
/// none wait in the network's buffers until the vectors before them are written.
/// </summary>
internal sealed class VectorRoom(int vectors) : IDisposable
{
    private const int VectorsPerUnit = 256;

    private readonly int _units = Math.Max(1, vectors / VectorsPerUnit);
    private readonly SemaphoreSlim _free = new(Math.Max(1, vectors / VectorsPerUnit));

    // Units are taken one by one: two that each hold a half of what they need would wait for ever.
    private readonly SemaphoreSlim _turn = new(1);

    public Lease For(int count) => new(this, Math.Clamp((count + VectorsPerUnit - 1) / VectorsPerUnit, 1, _units));

    public void Dispose()
    {
        _free.Dispose();
        _turn.Dispose();
    }

    /// <summary>Room for one batch, taken when its first answer arrives and held until its vectors have been used.</summary>
    internal sealed class Lease(VectorRoom room, int units) : IDisposable
    {
        private int _taken;

        public async ValueTask TakeAsync(CancellationToken cancellationToken)
        {
            if (_taken == units)
                return;

            await room._turn.WaitAsync(cancellationToken);
            try
            {
                for (; _taken < units; _taken++)
                    await room._free.WaitAsync(cancellationToken);
            }
            finally
            {
                room._turn.Release();
            }
        }

        public void Dispose()
        {
            if (_taken > 0)
                room._free.Release(_taken);
            _taken = 0;
        }
    }
}
