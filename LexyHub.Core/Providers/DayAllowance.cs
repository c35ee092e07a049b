namespace LexyHub.Core.Providers;

/// <summary>What a UTC day's caps still allow, shared by the requests that are under way at once.</summary>
/// <param name="items">Null for no cap; so with <paramref name="tokens"/>.</param>
internal sealed class DayAllowance(long? items, long? tokens)
{
    private readonly Lock _lock = new();

    /// <summary>Takes at most so many items; what comes to nothing is given back by <see cref="GiveBack"/>.</summary>
    public int TakeItems(int wanted)
    {
        lock (_lock)
        {
            var taken = (int)Math.Min(wanted, Math.Max(0, items ?? wanted));
            items -= taken;
            return taken;
        }
    }

    /// <returns>False where the cap does not hold so many.</returns>
    public bool TryTakeTokens(long most)
    {
        lock (_lock)
        {
            if (tokens < most)
                return false;

            tokens -= most;
            return true;
        }
    }

    public void GiveBack(long unusedItems, long unusedTokens)
    {
        lock (_lock)
        {
            items += unusedItems;
            tokens += unusedTokens;
        }
    }
}
