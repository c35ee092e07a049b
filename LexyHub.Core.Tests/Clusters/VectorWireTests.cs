using System.Buffers.Binary;
using LexyHub.Core.Clusters;
using LexyHub.Core.Clusters.Numerics;

namespace LexyHub.Core.Tests.Clusters;

/// <summary>pgvector refuses most of these itself: they are made by hand.</summary>
public sealed class VectorWireTests
{
    private readonly float[] vector = new float[3];

    [Fact]
    public void TryRead_FitVector_ReadsItsComponents()
    {
        Assert.Equal(VectorRejection.None, VectorWire.TryRead(Wire(1.5f, -2, 0.25f), vector));
        Assert.Equal([1.5f, -2, 0.25f], vector);
    }

    [Theory]
    [InlineData(0f, 0f, 0f, "Zero")]
    [InlineData(1f, float.NaN, 0f, "NotFinite")]
    [InlineData(1f, float.PositiveInfinity, 0f, "NotFinite")]
    public void TryRead_NoDirection_IsRejected(float x, float y, float z, string rejection)
        => Assert.Equal(rejection, VectorWire.TryRead(Wire(x, y, z), vector).ToString());

    [Fact]
    public void TryRead_OtherWidthOrCutShort_IsRejected()
    {
        Assert.Equal(VectorRejection.WrongDimensions, VectorWire.TryRead(Wire(1, 2), vector));
        Assert.Equal(VectorRejection.WrongDimensions, VectorWire.TryRead(Wire(1, 2, 3, 4), vector));
        Assert.Equal(VectorRejection.WrongDimensions, VectorWire.TryRead(Wire(1, 2, 3).AsSpan(0, 15), vector));
        Assert.Equal(VectorRejection.WrongDimensions, VectorWire.TryRead([], vector));
    }

    private static byte[] Wire(params float[] components)
    {
        var wire = new byte[VectorWire.BytesOf(components.Length)];
        BinaryPrimitives.WriteInt16BigEndian(wire, (short)components.Length);
        for (var i = 0; i < components.Length; i++)
        {
            BinaryPrimitives.WriteSingleBigEndian(wire.AsSpan(4 + (4 * i)), components[i]);
        }

        return wire;
    }
}
