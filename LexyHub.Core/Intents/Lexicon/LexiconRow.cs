using System.Runtime.CompilerServices;

namespace LexyHub.Core.Intents;

/// <summary>A value for each word of a text, in order, without allocating; at most <see cref="LexiconText.MaxWords"/>.</summary>
internal struct LexiconRow<T> : IEquatable<LexiconRow<T>>
    where T : unmanaged
{
    private Buffer _values;

    public int Count { get; private set; }

    public readonly T this[int index] => _values[index];

    public void Add(T value) => _values[Count++] = value;

    public readonly bool Equals(LexiconRow<T> other)
    {
        if (Count != other.Count)
            return false;

        for (var i = 0; i < Count; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(this[i], other[i]))
                return false;
        }

        return true;
    }

    public override readonly bool Equals(object? obj) => obj is LexiconRow<T> other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        for (var i = 0; i < Count; i++)
            hash.Add(this[i]);
        return hash.ToHashCode();
    }

    public override readonly string ToString()
    {
        var values = new string?[Count];
        for (var i = 0; i < Count; i++)
            values[i] = this[i].ToString();
        return string.Join(' ', values);
    }

    [InlineArray(LexiconText.MaxWords)]
    private struct Buffer
    {
        private T _first;
    }
}
