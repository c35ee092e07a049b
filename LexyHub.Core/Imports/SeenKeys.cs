namespace LexyHub.Core.Imports;

/// <summary>Tells what a file gives more than once, in bounded memory: by 64-bit hashes (of two million keys, two different
/// ones share one with a probability of 10⁻⁷), and for the first <see cref="MaxCount"/> keys only; whatever comes
/// after is left to the database to recognise.</summary>
internal sealed class SeenKeys
{
    public const int MaxCount = 2_000_000;

    private readonly HashSet<ulong> hashes = [];

    /// <returns>False where the same parts were added before.</returns>
    public bool Add(params ReadOnlySpan<string> parts)
    {
        var hash = Hash(parts);
        return hashes.Count < MaxCount ? hashes.Add(hash) : !hashes.Contains(hash);
    }

    // FNV-1a over UTF-16, http://www.isthe.com/chongo/tech/comp/fnv/, finished by the mixer of MurmurHash3.
    private static ulong Hash(ReadOnlySpan<string> parts)
    {
        const ulong Prime = 0x100000001b3;
        var hash = 0xcbf29ce484222325UL;
        foreach (var part in parts)
        {
            foreach (var c in part)
            {
                hash = (hash ^ c) * Prime;
            }

            hash = (hash ^ char.MaxValue) * Prime;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
