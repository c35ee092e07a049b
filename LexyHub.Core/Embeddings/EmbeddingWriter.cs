using LexyHub.Core.Jobs;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Core.Embeddings;

/// <summary>Writes each batch in one short transaction, fenced by the run's epoch.</summary>
internal sealed class EmbeddingWriter(
    JobContext context, IEmbeddingService service, EmbeddingScope scope, EmbeddingTally tally, TimeProvider time, ILogger logger)
{
    /// <returns>The <see cref="EmbeddingWrite.Twins"/> for which there is no vector.</returns>
    public async Task<IReadOnlyList<Twin>> WriteAsync(EmbeddingWrite write, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        IReadOnlyList<Twin> left = [];
        await using (var transaction = await context.BeginWriteAsync(cancellationToken))
        {
            if (write.Twins.Count > 0)
            {
                left = await TwinStore.CopyAsync(transaction.Connection, write.Twins, service, scope, cancellationToken);
            }

            await WriteAsync(transaction.Connection, write, cancellationToken);
            Count(write, left);
            await transaction.CommitAsync(new JobProgress("embedding", tally.Processed, tally.Failed, tally.Remaining), cancellationToken);
        }

        if (write.Terms.Count + write.Listings.Count > 0)
        {
            Log.Embedded(logger, write.Terms.Count, write.Listings.Count, scope.Model, (long)time.GetElapsedTime(startedAt).TotalMilliseconds);
        }

        return left;
    }

    private async Task WriteAsync(NpgsqlConnection connection, EmbeddingWrite write, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var batch = new NpgsqlBatch(connection);
        if (write.Terms.Count + write.Listings.Count > 0)
        {
            var staged = await EmbeddingStore.CopyAsync(connection, write, scope, now, cancellationToken);
            if (staged.Terms)
            {
                EmbeddingStore.AddUpsert(batch, scope);
            }

            if (staged.Listings)
            {
                ListingEmbeddingStore.AddUpsert(batch, scope);
            }

            EmbeddingStore.AddDeleteLocal(batch, write, scope);
        }

        QuarantineStore.AddChanges(batch, write, scope, now);
        DueChanges.AddDone(batch, write);
        DayUsageStore.Embeddings.Add(
            batch, DateOnly.FromDateTime(now.UtcDateTime), scope.Model, write.Requests, write.Tokens, tally.CostOf(write.Tokens));
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private void Count(EmbeddingWrite write, IReadOnlyList<Twin> left)
    {
        static int TermsOf(IReadOnlyList<Twin> twins) => twins.Count(twin => twin.Listing is null);

        var copied = write.Twins.Count - left.Count;
        var copiedTerms = TermsOf(write.Twins) - TermsOf(left);
        tally.Keywords += write.Terms.Count + copiedTerms;
        tally.Listings += write.Listings.Count + copied - copiedTerms;
        tally.Truncated += write.Terms.Count(term => term.Answer.Truncated) + write.Listings.Count(listing => listing.Answer.Truncated);
        tally.Requests += write.Requests;
        tally.Tokens += write.Tokens;
        tally.Skipped += write.Skipped;
        tally.Quarantined += write.Rejected.Count;
        tally.FailedDue += write.Failed.Count;
        tally.Remaining = Math.Max(0, tally.Remaining - write.DoneTerms.Count - write.DoneListings.Count - copied - write.Failed.Count);
        foreach (var (due, reason) in write.Rejected)
        {
            tally.AddError(due.Name, $"The model refuses this text: {reason} It is in quarantine and tried again later.");
        }

        foreach (var (due, reason) in write.Failed)
        {
            tally.AddError(due.Name, reason);
        }
    }
}
