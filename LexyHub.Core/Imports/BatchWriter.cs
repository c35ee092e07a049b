using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Imports;

/// <summary>Something to write that knows the line it came from.</summary>
internal interface IImportRow
{
    long Line { get; }
}

/// <summary>Collects rows and writes them in batches, each committed by itself, so that what is in stays in.</summary>
/// <param name="write">Writes rows in the transaction of the connection and commits nothing.</param>
internal sealed class BatchWriter<TRow>(
    LexyHubDatabase database,
    ImportFile file,
    ImportTally tally,
    int batchSize,
    Func<NpgsqlConnection, IReadOnlyList<TRow>, CancellationToken, Task<BatchCounts>> write)
    where TRow : IImportRow
{
    // Of the two that locked each other out the other one has gone on by then: twice in a row is bad luck already.
    private const int MaxAttempts = 5;

    private readonly List<TRow> rows = new(batchSize);

    public async Task AddAsync(TRow row, CancellationToken cancellationToken)
    {
        rows.Add(row);
        if (rows.Count == batchSize)
        {
            await FlushAsync(cancellationToken);
        }
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (rows.Count > 0)
        {
            await WriteAsync(rows, 1, cancellationToken);
            rows.Clear();
        }

        tally.ReportProgress(file);
    }

    // A deployment may refuse rows for reasons of its own (a check, a trigger). Halving finds them, and the rest goes in.
    private async Task WriteAsync(List<TRow> part, int attempt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var counts = await write(connection, part, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            tally.Written(counts);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DeadlockDetected && attempt < MaxAttempts)
        {
            await WriteAsync(part, attempt + 1, cancellationToken);
        }
        catch (PostgresException e) when (DatabaseErrors.IsAboutARow(e))
        {
            if (part.Count == 1)
            {
                tally.Skip(part[0].Line, $"the database refused it (SQLSTATE {e.SqlState}): {e.MessageText}");
                return;
            }

            await WriteAsync(part[..(part.Count / 2)], 1, cancellationToken);
            await WriteAsync(part[(part.Count / 2)..], 1, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException && DatabaseErrors.Explain(e, database.DataSource) is { } explained)
        {
            throw explained;
        }
    }
}
