using System.Runtime.InteropServices;
using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Core.Clusters;

/// <summary>The clusters of a market, as far as later stages need them.</summary>
/// <param name="Assignments">For each row of the snapshot its cluster, or −1.</param>
/// <param name="Centroids">One after the other, in the dimensions of the clustering.</param>
/// <param name="Threshold">Cosine from which a new keyword belongs to the nearest cluster.</param>
internal sealed record MarketResult(int[] Assignments, float[] Centroids, float Threshold)
{
    public static MarketResult Of(ClusteringResult result) => new(result.Assignments, result.Centroids, result.Threshold);

    public byte[] Save()
    {
        using var stream = new MemoryStream((Assignments.Length + Centroids.Length + 2) * sizeof(int));
        using var writer = new BinaryWriter(stream);
        writer.Write(Threshold);
        writer.Write(Assignments.Length);
        writer.Write(MemoryMarshal.AsBytes(Assignments.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(Centroids.AsSpan()));
        writer.Flush();
        return stream.ToArray();
    }

    public static MarketResult Restore(ReadOnlySpan<byte> saved)
    {
        var threshold = MemoryMarshal.Read<float>(saved);
        var count = MemoryMarshal.Read<int>(saved[sizeof(int)..]);
        var rest = saved[(2 * sizeof(int))..];
        return new MarketResult(
            MemoryMarshal.Cast<byte, int>(rest[..(count * sizeof(int))]).ToArray(),
            MemoryMarshal.Cast<byte, float>(rest[(count * sizeof(int))..]).ToArray(),
            threshold);
    }
}
