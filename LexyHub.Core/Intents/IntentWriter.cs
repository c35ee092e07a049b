using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>Writes batches in short transactions, fenced by the run's epoch. What is ready while one is under way goes into the next together.</summary>
internal sealed class IntentWriter(
    JobContext context, IntentScope scope, IChatService? service, IntentTally tally, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly List<IntentWrite> _waiting = [];

    /// <summary>Returns when it is committed.</summary>
    public async Task WriteAsync(IntentWrite write, CancellationToken cancellationToken)
    {
        if (write.IsEmpty)
            return;

        lock (_waiting)
            _waiting.Add(write);

        // Requests end at the same time; their transactions would wait for the lease's row anyway, so whoever is first writes for all of them.
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (TakeWith(write) is not { } group)
                return;

            await CommitAsync(IntentWrite.Together(group), cancellationToken);

            // Only now: what could not be written is tried again by the next, for it is paid for.
            lock (_waiting)
                _waiting.RemoveRange(0, group.Count);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    // Null where another has written it already.
    private List<IntentWrite>? TakeWith(IntentWrite write)
    {
        lock (_waiting)
            return _waiting.Contains(write) ? [.. _waiting] : null;
    }

    private async Task CommitAsync(IntentWrite write, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        await using (var transaction = await context.BeginWriteAsync(cancellationToken))
        {
            await WriteAsync(transaction.Connection, write, cancellationToken);
            await transaction.CommitAsync(tally.After(write), cancellationToken);
        }

        // Only now: a write that could not be committed is part of the next one too.
        tally.Add(write);

        if (write.Classified.Count > 0)
        {
            var keywords = write.Classified.Count(one => one.Item.Kind == DueItem.KeywordKind);
            Log.Classified(logger, keywords, write.Classified.Count - keywords, (long)time.GetElapsedTime(startedAt).TotalMilliseconds);
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection, IntentWrite write, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var batch = new NpgsqlBatch(connection);
        IntentStore.AddClassified(batch, write, scope, context.RunId, now);
        IntentQuarantineStore.AddChanges(batch, write, scope.Model, now);
        IntentStore.AddDone(batch, write);
        IntentUsageStore.AddUsage(
            batch, write, scope.Model, service?.CostOf(write.InputTokens, write.OutputTokens) ?? 0, DateOnly.FromDateTime(now.UtcDateTime));
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
