using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Jobs;

/// <summary>An <see cref="IQuarantine"/> over one table; a feature brings its statements.</summary>
internal abstract class SqlQuarantine(LexyHubDatabase database, TimeProvider time) : IQuarantine
{
    public abstract string Job { get; }

    /// <summary>Rows of kind, waiting, given up.</summary>
    protected abstract string CountSql { get; }

    /// <summary>Rows of <see cref="QuarantinedItem"/>; parameters of <see cref="QuarantineRows.Parameters(QuarantineQuery)"/>.</summary>
    protected abstract string ReadSql { get; }

    /// <summary>Takes @now and the parameters of <see cref="QuarantineRows.Parameters(QuarantineSelection)"/>.</summary>
    protected abstract string RetrySql { get; }

    public async Task<IReadOnlyList<QuarantineCount>> CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(CountSql, connection);
        return await QuarantineRows.ReadCountsAsync(command, cancellationToken);
    }

    public async Task<IReadOnlyList<QuarantinedItem>> ReadAsync(QuarantineQuery query, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ReadSql, connection);
        command.Parameters.AddRange(QuarantineRows.Parameters(query));
        return await QuarantineRows.ReadItemsAsync(command, cancellationToken);
    }

    public async Task<long> RetryAsync(QuarantineSelection selection, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(RetrySql, connection);
        command.Parameters.AddRange(QuarantineRows.Parameters(selection));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", time.GetUtcNow()));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
