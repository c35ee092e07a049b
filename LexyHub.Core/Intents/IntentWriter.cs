using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>Writes each batch in one short transaction, fenced by the run's epoch.</summary>
internal sealed class IntentWriter(
    JobContext context, IntentScope scope, IChatService? service, IntentTally tally, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    public async Task WriteAsync(IntentWrite write, CancellationToken cancellationToken)
    {
        if (write.IsEmpty)
            return;

        // Requests end at the same time; their transactions wait for the lease's row here rather than there.
        await _one.WaitAsync(cancellationToken);
        try
        {
            var startedAt = time.GetTimestamp();
            await using (var transaction = await context.BeginWriteAsync(cancellationToken))
            {
                await WriteAsync(transaction.Connection, write, cancellationToken);
                tally.Add(write);
                await transaction.CommitAsync(new JobProgress("classifying", tally.Processed, tally.Failed, tally.Remaining), cancellationToken);
            }

            if (write.Classified.Count > 0)
            {
                var keywords = write.Classified.Count(one => one.Item.Kind == DueItem.KeywordKind);
                Log.Classified(logger, keywords, write.Classified.Count - keywords, (long)time.GetElapsedTime(startedAt).TotalMilliseconds);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

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
