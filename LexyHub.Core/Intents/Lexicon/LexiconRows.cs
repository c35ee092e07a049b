using System.Numerics;
using System.Runtime.CompilerServices;

namespace LexyHub.Core.Intents;

/// <summary>
/// Rows by feature or word. Some sixty are looked for in each text, and every access to memory counts: here it is one, where the dictionaries of .NET make
/// two to four.
/// </summary>
internal sealed class LexiconRows
{
    private const int RowBits = 18;
    private const int MostRows = (1 << RowBits) - 2;

    // Open addressing with linear probing. An entry is the low bits of the scattered key, and the row plus one; 0 is free.
    private readonly ulong[] _entries;
    private readonly int _shift;

    /// <param name="keys">Of the rows, in their order.</param>
    /// <exception cref="InvalidDataException">There are too many, or one twice; it says which row.</exception>
    public LexiconRows(IReadOnlyList<ulong> keys)
    {
        if (keys.Count > MostRows)
            throw new InvalidDataException($"The lexicon has room for {MostRows} features or words, and a file of it has {keys.Count}.");

        _entries = new ulong[BitOperations.RoundUpToPowerOf2((uint)(2 * keys.Count) + 2)];
        _shift = 64 - BitOperations.Log2((uint)_entries.Length);
        foreach (var (row, key) in keys.Index())
        {
            if (TryFind(key, out var other))
                throw new InvalidDataException($"Lines {other + 1} and {row + 1} of a file of the lexicon are of one feature or word.");

            var hash = Scatter(key);
            var at = (int)(hash >> _shift);
            while (_entries[at] != 0)
                at = (at + 1) & (_entries.Length - 1);
            _entries[at] = hash << RowBits | (uint)(row + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(ulong key, out int row)
    {
        var hash = Scatter(key);
        var at = (int)(hash >> _shift);
        for (ulong entry; (entry = _entries[at]) != 0; at = (at + 1) & (_entries.Length - 1))
        {
            if ((entry ^ hash << RowBits) >> RowBits == 0)
            {
                row = (int)(entry & ((1 << RowBits) - 1)) - 1;
                return true;
            }
        }

        row = -1;
        return false;
    }

    // An odd factor loses nothing (Fibonacci hashing, Knuth 1973): place and entry together are the whole key.
    private static ulong Scatter(ulong key) => key * 0x9E3779B97F4A7C15;
}
