using LexyHub.Core.Data;

namespace LexyHub.Core.Jobs;

/// <summary>Whether the jobs could run now: the database answers, and its schema is that of this code.</summary>
public sealed class DatabaseHealth(Migrator migrator, TimeProvider time)
{
    // A probe waits a second at most.
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(800);

    /// <returns>False where the database does not answer within 0.8 s, is not configured, or lacks a migration.</returns>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Opening a connection may outlast its token (name resolution), or hold its caller up before it waits: neither is this probe's affair.
            var status = await Task.Run(() => migrator.GetStatusAsync(linked.Token), linked.Token).WaitAsync(linked.Token);
            return !status.Pending.Any(name => IsRequired(name, status.Applied));
        }
        catch (Exception e) when (e is DatabaseException or OperationCanceledException or TimeoutException || DatabaseErrors.Explain(e) is not null)
        {
            return false;
        }
    }

    // A database without pgvector serves the jobs that need none; the others say what they miss.
    private static bool IsRequired(string script, IReadOnlyList<string> applied)
        => script.StartsWith($"{MigrationSet.Core}/", StringComparison.Ordinal)
            || applied.Any(name => name.StartsWith($"{MigrationSet.Vector}/", StringComparison.Ordinal));
}
