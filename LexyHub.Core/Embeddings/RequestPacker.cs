namespace LexyHub.Core.Embeddings;

/// <summary>Something to be packed.</summary>
internal interface IPackable
{
    int Tokens { get; }

    int Utf8Bytes { get; }
}

/// <summary>What a request may hold.</summary>
/// <param name="Tokens">By count, and by the service's own estimate, a quarter of the UTF-8 bytes.</param>
internal readonly record struct RequestLimits(int Inputs, int Tokens)
{
    public const int BytesPerEstimatedToken = 4;

    public long Bytes => (long)Tokens * BytesPerEstimatedToken;
}

/// <summary>
/// Packs texts into as few requests as their limits allow, out of a window of those that wait. Requests are limited in inputs
/// and in size, so the fewest result when each is full in both: the longest texts first, as long as the places that are left
/// could still be filled with the shortest ones.
/// </summary>
internal sealed class RequestPacker<T>
    where T : IPackable
{
    private List<T> _waiting = [];
    private long[] _prefix = [];
    private bool _sorted;

    public int Count => _waiting.Count;

    /// <summary>Of all that wait.</summary>
    public long Bytes { get; private set; }

    public void Add(T item)
    {
        _waiting.Add(item);
        Bytes += item.Utf8Bytes;
        _sorted = false;
    }

    /// <returns>One request; empty where nothing waits. A text larger than the limits goes alone.</returns>
    public List<T> Take(RequestLimits limits)
    {
        if (!_sorted)
        {
            _waiting.Sort(static (a, b) => Weight(a).CompareTo(Weight(b)));
            _sorted = true;
        }

        if (_prefix.Length <= _waiting.Count)
            _prefix = new long[Math.Max(_waiting.Count + 1, 1_024)];
        for (var i = 0; i < _waiting.Count; i++)
            _prefix[i + 1] = _prefix[i] + Weight(_waiting[i]);

        var taken = new List<T>(Math.Min(limits.Inputs, _waiting.Count));
        var left = new List<T>(Math.Max(0, _waiting.Count - taken.Capacity));
        long tokens = limits.Tokens;
        var bytes = limits.Bytes;

        // Where even the shortest ones overflow the request, places are not what is short.
        var holdsPlaces = _prefix[Math.Min(limits.Inputs, _waiting.Count)] <= bytes;
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var item = _waiting[i];
            var places = limits.Inputs - taken.Count;
            var reserved = holdsPlaces ? _prefix[Math.Min(Math.Max(0, places - 1), i)] : 0;
            var fits = places > 0 && item.Tokens <= tokens && item.Utf8Bytes <= bytes
                && (reserved == 0 || Weight(item) + reserved <= Math.Min(bytes, tokens * RequestLimits.BytesPerEstimatedToken));
            if (!fits)
            {
                left.Add(item);
                continue;
            }

            taken.Add(item);
            tokens -= item.Tokens;
            bytes -= item.Utf8Bytes;
        }

        if (taken.Count == 0 && left.Count > 0)
        {
            taken.Add(left[0]);
            left.RemoveAt(0);
        }

        left.Reverse();
        _waiting = left;
        Bytes -= taken.Sum(static item => (long)item.Utf8Bytes);
        return taken;
    }

    // The larger of both measures, in bytes.
    private static long Weight(T item) => Math.Max(item.Utf8Bytes, (long)item.Tokens * RequestLimits.BytesPerEstimatedToken);
}
