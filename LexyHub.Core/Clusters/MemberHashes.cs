using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LexyHub.Core.Clusters;

/// <summary>Which members a label was made for, in eight bytes each.</summary>
internal static class MemberHashes
{
    private const int Size = sizeof(ulong);

    /// <returns>The first eight bytes of each term's SHA-256, sorted.</returns>
    public static byte[] Of(IReadOnlyCollection<string> terms)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var hashes = new ulong[terms.Count];
        var i = 0;
        foreach (var term in terms)
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(term), hash);
            hashes[i++] = BinaryPrimitives.ReadUInt64BigEndian(hash);
        }

        Array.Sort(hashes);
        var bytes = new byte[hashes.Length * Size];
        for (i = 0; i < hashes.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * Size), hashes[i]);
        }

        return bytes;
    }

    /// <returns>Jaccard similarity of the two sets, 0–1: what both have of what either has.</returns>
    public static double Similarity(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var (i, j, both) = (0, 0, 0);
        while (i < one.Length && j < other.Length)
        {
            var order = one.Slice(i, Size).SequenceCompareTo(other.Slice(j, Size));
            both += order == 0 ? 1 : 0;
            i += order <= 0 ? Size : 0;
            j += order >= 0 ? Size : 0;
        }

        var either = ((one.Length + other.Length) / Size) - both;
        return either == 0 ? 1 : (double)both / either;
    }
}
