using System.Diagnostics.CodeAnalysis;

namespace LexyHub.Core.Clusters;

/// <summary>Labels that readers would take for one: "gift" and "Gifts".</summary>
internal sealed class LabelComparer : IEqualityComparer<string>
{
    public bool Equals(string? x, string? y) => x is null || y is null ? x == y : Fold(x) == Fold(y);

    public int GetHashCode([DisallowNull] string obj) => Fold(obj).GetHashCode(StringComparison.Ordinal);

    private static string Fold(string label) => string.Join(' ', LabelWords.Split(label.ToLowerInvariant()).Select(LabelWords.Fold));
}
