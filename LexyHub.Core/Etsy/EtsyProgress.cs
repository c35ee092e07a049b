using System.Globalization;
using LexyHub.Core.Jobs;

namespace LexyHub.Core.Etsy;

/// <summary>How far the run is over all shops; several count at once.</summary>
internal sealed class EtsyProgress(int shops)
{
    private const string Stage = "reading shops";

    private long read;
    private int failed;
    private int ended;

    /// <param name="detail">What was done last: a shop, and how far it is.</param>
    public JobProgress Next(int rows, string detail)
        => new(Stage, Interlocked.Add(ref read, rows), Volatile.Read(ref failed), shops - Volatile.Read(ref ended)) { Detail = detail };

    public JobProgress ShopEnded(EtsyShopResult result)
    {
        Interlocked.Increment(ref ended);
        Interlocked.Add(ref failed, result.Errors.Count);
        return Next(0, string.Create(CultureInfo.InvariantCulture, $"{result.Account.Label}: {result.Status}, {result.Read:N0} listings")) with { IsMilestone = true };
    }
}
