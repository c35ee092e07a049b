using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Core.Clusters;

/// <summary>A vector as pgvector sends it (<c>vector_send</c>): dimensions and an unused number in 16 bits each, then the
/// components; all big-endian.</summary>
internal static class VectorWire
{
    private const int HeaderBytes = 4;

    public static int BytesOf(int dimensions) => HeaderBytes + (dimensions * sizeof(float));

    /// <summary>Reads the components into <paramref name="vector"/>, whose length is what is expected.</summary>
    /// <returns>What makes it unfit for clustering, also where the server would have refused it.</returns>
    public static VectorRejection TryRead(ReadOnlySpan<byte> wire, Span<float> vector)
    {
        if (wire.Length != BytesOf(vector.Length) || BinaryPrimitives.ReadInt16BigEndian(wire) != vector.Length)
        {
            return VectorRejection.WrongDimensions;
        }

        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, int>(wire[HeaderBytes..]), MemoryMarshal.Cast<float, int>(vector));
        return UnitVector.Scale(vector, out _);
    }
}
