using System.Runtime.CompilerServices;
using LexyHub.Core.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LexyHub.Core.Retention;

/// <summary>Removes all that is too old at once, batch by batch: <c>lexyhub prune</c>.</summary>
public sealed class RetentionPruner(LexyHubDatabase database, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const string ExistsSql = "select @table is null or to_regclass(@table) is not null";

    /// <param name="isDryRun">Only counts: everything is rolled back.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Ends it between two batches; what was removed stays removed.</param>
    /// <exception cref="DatabaseException">The database is not reachable, or refuses a right.</exception>
    public async Task<IReadOnlyList<RetentionResult>> PruneAsync(bool isDryRun, IProgress<RetentionResult>? progress, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var results = new List<RetentionResult>();
        await using var connection = await database.OpenAsync(cancellationToken);

        // What one batch would remove the next one may not meet again: one transaction holds all of them, and is never committed.
        await using var whole = isDryRun ? await connection.BeginTransactionAsync(cancellationToken) : null;
        foreach (var target in RetentionTargets.All)
        {
            var keep = target.Keep(options.Value);
            var result = new RetentionResult(target.Name, keep, now - keep, 0);
            if (await ExistsAsync(connection, target, cancellationToken))
            {
                await foreach (var rows in BatchesAsync(connection, target, result.Before, isDryRun, cancellationToken))
                {
                    result = result with { Rows = result.Rows + rows };
                    progress?.Report(result);
                }
            }

            results.Add(result);
        }

        return results;
    }

    /// <summary>Whether this installation has the target's table.</summary>
    internal static async Task<bool> ExistsAsync(NpgsqlConnection connection, RetentionTarget target, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ExistsSql, connection)
        {
            Parameters = { new("table", NpgsqlTypes.NpgsqlDbType.Text) { Value = (object?)target.Table ?? DBNull.Value } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async IAsyncEnumerable<long> BatchesAsync(
        NpgsqlConnection connection,
        RetentionTarget target,
        DateTimeOffset before,
        bool isDryRun,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? place = null;
        PrunedBatch batch;
        do
        {
            await using var own = isDryRun ? null : await connection.BeginTransactionAsync(cancellationToken);
            batch = await target.PruneAsync(connection, before, place, cancellationToken);
            place = batch.Place;
            if (own is not null)
            {
                await own.CommitAsync(cancellationToken);
            }

            yield return batch.Rows;
        }
        while (batch.HasMore);
    }
}

/// <summary>What became of one kind of rows.</summary>
/// <param name="Name">Of the kind, as the options have it.</param>
/// <param name="Keep">How long they are kept.</param>
/// <param name="Before">What is older is removed; UTC.</param>
/// <param name="Rows">Removed, or in a dry run to be removed.</param>
public sealed record RetentionResult(string Name, TimeSpan Keep, DateTimeOffset Before, long Rows);
