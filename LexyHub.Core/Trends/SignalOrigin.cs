namespace LexyHub.Core.Trends;

/// <summary>Who brings readings, and whether their scale is known.</summary>
public enum SignalOrigin
{
    /// <summary>Fetched by a source of the job; its signals say their scale.</summary>
    Fetched,

    /// <summary>Pushed by an importer, with a scale that somebody gave.</summary>
    Pushed,

    /// <summary>Pushed by an importer, and nobody said what the values mean: the scale is inferred from the source's largest
    /// value (up to 1 unit, up to 100 index, above count); <see cref="Sources.Signal.Scale"/> is not looked at.</summary>
    PushedUndeclared,
}
