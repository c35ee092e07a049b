using System.Runtime.InteropServices;

namespace LexyHub.Core.Clusters.Numerics;

/// <summary>All that a <see cref="SphericalClustering"/> has to remember between two steps, vectors and options aside.</summary>
internal sealed class ClusteringState
{
    // Grows with every change of what is stored or of how it is gone on from.
    private const int Version = 4;

    public ClusteringPhase Phase { get; set; }

    /// <summary>Where the phase stands: the next row, or the next part of a search.</summary>
    public int Cursor { get; set; }

    /// <summary>Passes of k-means done, over all rounds.</summary>
    public int Iteration { get; set; }

    /// <summary>Passes of k-means done since clusters were last split or merged.</summary>
    public int Pass { get; set; }

    /// <summary>Rounds of splitting and merging done.</summary>
    public int Round { get; set; }

    /// <summary>Rows that changed their cluster in this pass so far.</summary>
    public int Moved { get; set; }

    /// <summary>Clusters to begin with beyond those of an earlier run.</summary>
    public int Additional { get; set; }

    /// <summary>How often outliers were told from members.</summary>
    public int Turn { get; set; }

    public float Threshold { get; set; }

    /// <summary>Of each row its coarse cell.</summary>
    public int[] Cells { get; set; } = [];

    public int[] Neighbours { get; set; } = [];

    /// <summary>Of the neighbours.</summary>
    public float[] NeighbourSimilarities { get; set; } = [];

    /// <summary>Unit rows, one after the other.</summary>
    public float[] Centroids { get; set; } = [];

    public int[] Assignments { get; set; } = [];

    public float[] Similarities { get; set; } = [];

    /// <summary>Of each row the cluster of the last turn or, in the first one, of an earlier run, negative: none; empty where there is none.</summary>
    public int[] Previous { get; set; } = [];

    /// <summary><see cref="Previous"/> in the numbers of today's clusters; see <see cref="Loyalty"/>.</summary>
    public int[] Homes { get; set; } = [];

    public byte[] Save(int count, int dimensions)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var value in (int[])[Version, count, dimensions, (int)Phase, Cursor, Iteration, Pass, Round, Moved, Additional, Turn])
            writer.Write(value);
        writer.Write(Threshold);
        Write(writer, Cells);
        Write(writer, Neighbours);
        Write(writer, NeighbourSimilarities);
        Write(writer, Centroids);
        Write(writer, Assignments);
        Write(writer, Similarities);
        Write(writer, Previous);
        Write(writer, Homes);
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
                Cursor = reader.ReadInt32(),
                Iteration = reader.ReadInt32(),
                Pass = reader.ReadInt32(),
                Round = reader.ReadInt32(),
                Moved = reader.ReadInt32(),
                Additional = reader.ReadInt32(),
                Turn = reader.ReadInt32(),
                Threshold = reader.ReadSingle(),
                Cells = Read<int>(reader),
                Neighbours = Read<int>(reader),
                NeighbourSimilarities = Read<float>(reader),
                Centroids = Read<float>(reader),
                Assignments = Read<int>(reader),
                Similarities = Read<float>(reader),
                Previous = Read<int>(reader),
                Homes = Read<int>(reader),
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
