namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>Polls for what another process or thread brings about; no test sleeps for a guessed time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <exception cref="TimeoutException">It did not happen within a minute.</exception>
    public static async Task<T> FindAsync<T>(Func<Task<T?>> find, string what)
        where T : class
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!deadline.IsCancellationRequested)
        {
            if (await find() is { } found)
            {
                return found;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException($"It did not happen within {Deadline.TotalSeconds} s: {what}.");
    }

    public static Task<string> TrueAsync(Func<Task<bool>> isTrue, string what)
        => FindAsync(async () => await isTrue() ? what : null, what);
}
