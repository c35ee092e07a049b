using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Etsy;

/// <summary>An account's row in <c>provider_sync_states</c>.</summary>
/// <param name="LastSuccessAt">Start of the last sync that came to its end.</param>
/// <param name="LastFullAt">Start of the last full one that did.</param>
/// <param name="IsSorted">Etsy was seen to sort by update, or was not seen not to.</param>
internal sealed record EtsySyncState(Guid Id, EtsyCursor? Cursor, DateTimeOffset? LastSuccessAt, DateTimeOffset? LastFullAt, bool IsSorted);

/// <summary>
/// Keeps where the sync of an account stands. There is no unique key on account and type: the row is looked up once, under the
/// account's lock, and known by its id from then on.
/// </summary>
internal static class EtsySyncStateStore
{
    /// <summary>As LexyHub's own sync calls it.</summary>
    public const string SyncType = "etsy:listings";

    private const string LockAccountSql = "select from marketplace_accounts where id = @account for update";

    private const string FindSql = """
        select id, cursor, metadata #>> '{etsySync,lastSuccessAt}', metadata #>> '{etsySync,lastFullAt}', metadata #>> '{etsySync,sorted}'
        from provider_sync_states
        where marketplace_account_id = @account and sync_type = @syncType
        order by last_run_at desc nulls last, id limit 1
        """;

    private const string InsertSql = """
        insert into provider_sync_states (marketplace_account_id, sync_type, status, last_run_at)
        values (@account, @syncType, 'running', clock_timestamp())
        returning id
        """;

    private const string SaveCursorSql = """
        update provider_sync_states set cursor = @cursor, status = 'running', message = null, last_run_at = clock_timestamp()
        where id = @id
        """;

    private const string EndSql = """
        update provider_sync_states set status = @status, message = @message, next_run_at = @next, last_run_at = clock_timestamp() where id = @id
        """;

    private const string FinishSql = """
        update provider_sync_states
        set cursor = null, status = 'succeeded', message = @message, next_run_at = @next, last_run_at = clock_timestamp(),
            metadata = case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end || jsonb_build_object('etsySync',
                case when jsonb_typeof(metadata -> 'etsySync') = 'object' then metadata -> 'etsySync' else '{}' end
                || jsonb_strip_nulls(jsonb_build_object(
                    'lastSuccessAt', @startedAt::timestamptz, 'lastFullAt', @fullAt::timestamptz, 'sorted', @sorted::boolean)))
        where id = @id
        """;

    /// <returns>The account's row, made where it is missing.</returns>
    public static async Task<EtsySyncState> OpenAsync(NpgsqlConnection connection, Guid account, CancellationToken cancellationToken)
    {
        await using (var locking = new NpgsqlCommand(LockAccountSql, connection) { Parameters = { new NpgsqlParameter<Guid>("account", account) } })
        {
            await locking.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var find = new NpgsqlCommand(FindSql, connection))
        {
            AddKey(find, account);
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
            {
                return new EtsySyncState(
                    reader.GetGuid(0),
                    EtsyCursor.Parse(reader.IsDBNull(1) ? null : reader.GetString(1)),
                    Instant(reader, 2),
                    Instant(reader, 3),
                    reader.IsDBNull(4) || reader.GetString(4) != "false");
            }
        }

        await using var insert = new NpgsqlCommand(InsertSql, connection);
        AddKey(insert, account);
        return new EtsySyncState((Guid)(await insert.ExecuteScalarAsync(cancellationToken))!, null, null, null, true);
    }

    public static async Task SaveCursorAsync(NpgsqlConnection connection, Guid id, EtsyCursor cursor, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SaveCursorSql, connection)
        {
            Parameters = { new NpgsqlParameter<Guid>("id", id), new NpgsqlParameter<string>("cursor", cursor.ToText()) },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Notes a sync that did not come to its end; its cursor stays.</summary>
    /// <param name="next">When the timer runs next; null where it does not.</param>
    public static async Task EndAsync(
        NpgsqlConnection connection, Guid id, string status, string message, DateTimeOffset? next, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(EndSql, connection);
        AddEnd(command, id, message, next);
        command.Parameters.Add(new NpgsqlParameter<string>("status", status));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Notes a sync that came to its end.</summary>
    public static async Task FinishAsync(
        NpgsqlConnection connection, Guid id, EtsyCursor cursor, string? message, DateTimeOffset? next, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FinishSql, connection);
        AddEnd(command, id, message, next);
        command.Parameters.Add(new NpgsqlParameter<DateTime>("startedAt", cursor.StartedAt.UtcDateTime));
        command.Parameters.Add(new("fullAt", NpgsqlDbType.TimestampTz) { Value = cursor.Mode == EtsySyncMode.Full ? cursor.StartedAt.UtcDateTime : DBNull.Value });
        command.Parameters.Add(new("sorted", NpgsqlDbType.Boolean) { Value = (object?)cursor.IsSorted ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddKey(NpgsqlCommand command, Guid account)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid>("account", account));
        command.Parameters.Add(new NpgsqlParameter<string>("syncType", SyncType));
    }

    private static void AddEnd(NpgsqlCommand command, Guid id, string? message, DateTimeOffset? next)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new("message", NpgsqlDbType.Text) { Value = (object?)message ?? DBNull.Value });
        command.Parameters.Add(new("next", NpgsqlDbType.TimestampTz) { Value = next is { } due ? due.UtcDateTime : DBNull.Value });
    }

    // Written by us as JSON; what somebody else wrote there counts as nothing.
    private static DateTimeOffset? Instant(NpgsqlDataReader reader, int column)
        => !reader.IsDBNull(column) && DateTimeOffset.TryParse(
            reader.GetString(column), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : null;
}
