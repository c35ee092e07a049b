using System.Runtime.InteropServices;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>All that a <see cref="SphericalClustering"/> has to remember between two steps, vectors and options aside.</summary>
internal sealed class ClusteringState
{
    // Grows with every change of what is stored or of how it is gone on from.
    private const int Version = 1;

    public ClusteringPhase Phase { get; set; }

    /// <summary>Passes of k-means done.</summary>
    public int Iteration { get; set; }

    /// <summary>State of the random numbers.</summary>
    public ulong Random { get; set; }

    public float Threshold { get; set; }

    /// <summary>Unit rows, one after the other.</summary>
    public float[] Centroids { get; set; } = [];

    public int[] Assignments { get; set; } = [];

    public float[] Similarities { get; set; } = [];

    public byte[] Save(int count, int dimensions)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(count);
        writer.Write(dimensions);
        writer.Write((int)Phase);
        writer.Write(Iteration);
        writer.Write(Random);
        writer.Write(Threshold);
        Write(writer, Centroids);
        Write(writer, Assignments);
        Write(writer, Similarities);
        writer.Flush();
        return stream.ToArray();
    }

    /// <returns>Null where the bytes are of another version, or of other vectors.</returns>
    public static ClusteringState? Restore(byte[] saved, int count, int dimensions)
    {
        using var reader = new BinaryReader(new MemoryStream(saved));
        try
        {
            if (reader.ReadInt32() != Version || reader.ReadInt32() != count || reader.ReadInt32() != dimensions)
                return null;

            return new ClusteringState
            {
                Phase = (ClusteringPhase)reader.ReadInt32(),
                Iteration = reader.ReadInt32(),
                Random = reader.ReadUInt64(),
                Threshold = reader.ReadSingle(),
                Centroids = Read<float>(reader),
                Assignments = Read<int>(reader),
                Similarities = Read<float>(reader),
            };
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private static void Write<T>(BinaryWriter writer, T[] values)
        where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static T[] Read<T>(BinaryReader reader)
        where T : unmanaged
    {
        var values = new T[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
