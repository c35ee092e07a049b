namespace LexyHub.Core.Etsy;

/// <summary>States of listings, as the contract has them.</summary>
internal static class EtsyStates
{
    /// <summary>In the order in which they are read: what buyers see first.</summary>
    public static IReadOnlyList<string> All { get; } = ["active", "sold_out", "inactive", "expired", "draft"];

    public const string Draft = "draft";

    public static IReadOnlyList<string> Wanted(EtsyOptions options)
        => options.States.Count == 0 ? All : [.. All.Where(options.States.Contains)];
}
