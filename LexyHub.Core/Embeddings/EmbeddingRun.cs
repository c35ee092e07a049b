using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using LexyHub.Core.Providers;

namespace LexyHub.Core.Embeddings;

/// <summary>
/// One call of <see cref="EmbeddingService.EmbedAsync"/>: texts are read, measured and packed while requests are under way and
/// answers are used, with a bounded number of each in memory.
/// </summary>
internal sealed class EmbeddingRun : IDisposable
{
    /// <summary>Texts read ahead, four requests full, so that each request can be filled well.</summary>
    public const int WindowInputs = 8_192;

    /// <summary>Of UTF-8: thirteen requests full.</summary>
    private const long WindowBytes = 16 * 1_024 * 1_024;

    /// <summary>Requests of which nothing but failures was heard, one after the other, before the run gives up.</summary>
    private const int MaxFailuresInARow = 5;

    private readonly EmbeddingService _service;
    private readonly CancellationTokenSource _stopping;
    private readonly CancellationTokenSource _givenUp = new();
    private readonly CancellationToken _budget;
    private readonly ConcurrentDictionary<string, PendingText> _pending = new(StringComparer.Ordinal);
    private readonly Channel<List<PendingText>> _packed = Channel.CreateBounded<List<PendingText>>(1);
    private readonly Channel<Answer> _answered = Channel.CreateUnbounded<Answer>();

    private readonly VectorRoom _room;
    private ExceptionDispatchInfo? _fatal;
    private int _failuresInARow;

    public EmbeddingRun(EmbeddingService service, CancellationToken budget)
    {
        _service = service;
        _room = service.NewRoom();
        _budget = budget;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(budget);
    }

    public async IAsyncEnumerable<EmbeddingBatchResult> ExecuteAsync(
        IAsyncEnumerable<EmbeddingInput> inputs, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var grace = _stopping.Token.Register(() => _givenUp.CancelAfter(_service.StopGrace));
        var work = WorkAsync(inputs);
        Answer? lent = null;
        try
        {
            await foreach (var answer in _answered.Reader.ReadAllAsync(cancellationToken))
            {
                lent = answer;
                yield return answer.Result;
                lent.Dispose();
                lent = null;
            }

            await work;
            _fatal?.Throw();
            _budget.ThrowIfCancellationRequested();
        }
        finally
        {
            lent?.Dispose();
            await _stopping.CancelAsync();
            await _givenUp.CancelAsync();
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_answered.Reader.TryRead(out var unread))
                unread.Dispose();
        }
    }

    public static bool IsWindowFull<T>(RequestPacker<T> packer)
        where T : IPackable
        => packer.Count >= WindowInputs || packer.Bytes >= WindowBytes;

    public void Dispose()
    {
        _stopping.Dispose();
        _givenUp.Dispose();
        _room.Dispose();
    }

    private async Task WorkAsync(IAsyncEnumerable<EmbeddingInput> inputs)
    {
        try
        {
            await Task.WhenAll(
                [Guarded(() => PackAsync(inputs)), .. Enumerable.Range(0, _service.MaxConcurrency).Select(_ => Guarded(SendAllAsync))]);
        }
        finally
        {
            _answered.Writer.Complete();
        }
    }

    // The first failure ends the run; answers that are still on their way are waited for.
    private async Task Guarded(Func<Task> step)
    {
        try
        {
            await Task.Run(step);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _fatal, ExceptionDispatchInfo.Capture(e), null);
            await _stopping.CancelAsync();
        }
    }

    private async Task PackAsync(IAsyncEnumerable<EmbeddingInput> inputs)
    {
        var packer = new RequestPacker<PendingText>();
        try
        {
            await foreach (var input in inputs.WithCancellation(_stopping.Token))
            {
                if (_pending.TryGetValue(input.Text, out var same) && same.TryAdd(input))
                    continue;

                var text = new PendingText(input, _service.Meter.Measure(input.Text));
                _pending[input.Text] = text;
                packer.Add(text);
                while (IsWindowFull(packer))
                    await _packed.Writer.WriteAsync(packer.Take(_service.Limits), _stopping.Token);
            }

            while (packer.Count > 0)
                await _packed.Writer.WriteAsync(packer.Take(_service.Limits), _stopping.Token);
        }
        finally
        {
            _packed.Writer.Complete();
        }
    }

    private async Task SendAllAsync()
    {
        while (await _packed.Reader.WaitToReadAsync(_stopping.Token))
        {
            // The place first: what is packed after the wait knows the limits that answers have told meanwhile.
            var place = await _service.Pace.TakePlaceAsync(_stopping.Token);
            if (!_packed.Reader.TryRead(out var texts))
            {
                place.Dispose();
                continue;
            }

            var room = _room.For(texts.Count);
            var batch = new EmbeddingBatch(_service, room, Close, _stopping.Token, _givenUp.Token);
            try
            {
                await batch.SendAsync(texts);
            }
            finally
            {
                // Also what a batch has brought before it failed as a whole: it is paid for.
                _answered.Writer.TryWrite(new Answer(batch.Result, room, place));
            }

            CheckHealth(batch.Result);
        }
    }

    private IEnumerable<EmbeddingInput> Close(PendingText text)
    {
        _pending.TryRemove(KeyValuePair.Create(text.FullText, text));
        return text.Close();
    }

    private void CheckHealth(EmbeddingBatchResult result)
    {
        if (result.Embedded.Count > 0 || result.Rejected.Count > 0)
            Volatile.Write(ref _failuresInARow, 0);
        else if (result.Failed.Count > 0 && Interlocked.Increment(ref _failuresInARow) >= MaxFailuresInARow)
            throw ProviderFailure.Failing(result.Failed[^1].Reason);
    }

    /// <summary>Room in memory and the place among the requests are given back when the caller has used the answer.</summary>
    private sealed record Answer(EmbeddingBatchResult Result, VectorRoom.Lease Room, IDisposable Place) : IDisposable
    {
        public void Dispose()
        {
            Room.Dispose();
            Place.Dispose();
        }
    }
}
