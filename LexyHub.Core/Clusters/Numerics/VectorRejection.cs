namespace LexyHub.Core.Clusters.Numerics;

/// <summary>Why a vector was not taken into a <see cref="VectorSet"/>.</summary>
internal enum VectorRejection
{
    /// <summary>It was taken.</summary>
    None,

    /// <summary>It has not as many components as the set has dimensions.</summary>
    WrongDimensions,

    /// <summary>Its length is zero (or so small that its direction is lost): it points nowhere.</summary>
    Zero,

    /// <summary>A component is NaN or infinite.</summary>
    NotFinite,
}
