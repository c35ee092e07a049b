using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Jobs;

/// <summary>Parameters and rows that the statements of every <see cref="IQuarantine"/> share.</summary>
internal static class QuarantineRows
{
    /// <summary>@kind, @state, @afterAt, @afterKind, @afterItem, @limit.</summary>
    public static NpgsqlParameter[] Parameters(QuarantineQuery query) =>
    [
        Text("kind", query.Kind),
        Text("state", query.State),
        new("afterAt", NpgsqlDbType.TimestampTz) { Value = query.After is { } after ? after.LastAt.UtcDateTime : DBNull.Value },
        Text("afterKind", query.After?.Kind),
        Text("afterItem", query.After?.Item),
        new NpgsqlParameter<int>("limit", query.Limit),
    ];

    /// <summary>@kind, @state, @kinds, @items; the last two null for all.</summary>
    public static NpgsqlParameter[] Parameters(QuarantineSelection selection) =>
    [
        Text("kind", selection.Kind),
        Text("state", selection.State),
        Texts("kinds", selection.Items?.Select(item => item.Kind)),
        Texts("items", selection.Items?.Select(item => item.Item)),
    ];

    /// <summary>Of kind, waiting and given up.</summary>
    public static async Task<IReadOnlyList<QuarantineCount>> ReadCountsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new List<QuarantineCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts.Add(new QuarantineCount(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return counts;
    }

    /// <summary>Of the columns of <see cref="QuarantinedItem"/>, in its order.</summary>
    public static async Task<IReadOnlyList<QuarantinedItem>> ReadItemsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<QuarantinedItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(new QuarantinedItem(
                reader.GetString(0),
                reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetInt32(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                reader.GetFieldValue<DateTimeOffset>(7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return items;
    }

    private static NpgsqlParameter Text(string name, string? value) => new(name, NpgsqlDbType.Text) { Value = (object?)value ?? DBNull.Value };

    private static NpgsqlParameter Texts(string name, IEnumerable<string>? values)
        => new(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = values is null ? DBNull.Value : values.ToArray() };
}
