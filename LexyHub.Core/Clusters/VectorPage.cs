using LexyHub.Core.Jobs;

namespace LexyHub.Core.Clusters;

/// <summary>A term with a fit vector.</summary>
/// <param name="Markets">In which it is a keyword, sorted.</param>
/// <param name="Row">Of <see cref="VectorPage.Vectors"/>.</param>
internal readonly record struct VectorTerm(string Term, string[] Markets, int Row);

/// <summary>A page whose rows have come; its vectors may still be decoded.</summary>
/// <param name="Last">As <see cref="VectorPage.Last"/>.</param>
/// <param name="Decoded">The page itself.</param>
internal readonly record struct ReceivedPage(string? Last, Task<VectorPage> Decoded);

/// <summary>A page of terms with their shortened vectors.</summary>
/// <param name="Terms">In the database's order.</param>
/// <param name="Vectors">Row after row.</param>
/// <param name="Missing">Terms without a vector of the model.</param>
/// <param name="Rejected">Terms whose vector is unfit.</param>
/// <param name="Last">The term after which to go on; null after the last page.</param>
internal sealed record VectorPage(
    IReadOnlyList<VectorTerm> Terms, float[] Vectors, int Missing, IReadOnlyList<ItemError> Rejected, string? Last);
