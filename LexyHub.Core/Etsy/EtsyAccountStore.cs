using LexyHub.Core.Data;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Etsy;

/// <summary>Reads and marks connected shops; their tokens are <see cref="EtsyTokenStore"/>'s.</summary>
public sealed class EtsyAccountStore(LexyHubDatabase database, IOptions<EtsyOptions> options)
{
    // Longest not synced first, so that a day's calls, where they do not last, go round.
    private const string ReadSql = """
        select id, external_shop_id, coalesce(shop_name, ''), lower(coalesce(status, 'active')), metadata ->> 'market'
        from marketplace_accounts
        where provider_id = @provider and case when @id::uuid is null then lower(status) = @active else id = @id end
        order by last_synced_at nulls first, id
        """;

    private const string SetStatusSql = """
        update marketplace_accounts
        set status = @status,
            metadata = case when jsonb_typeof(metadata) = 'object' then metadata else '{}' end || jsonb_build_object('statusReason', @reason::text)
        where id = @id and (lower(status) in (@active, @needsReconnect) or status is null)
        """;

    private const string SetSyncedSql = """
        update marketplace_accounts
        set last_synced_at = clock_timestamp(), status = case when lower(status) = @needsReconnect then @active else status end,
            metadata = case when jsonb_typeof(metadata) = 'object' then metadata - 'statusReason' else metadata end
        where id = @id
        """;

    private const string ListSql = """
        select a.id, coalesce(a.shop_name, ''), a.external_shop_id, coalesce(a.status, 'active'), a.metadata ->> 'statusReason', a.token_expires_at,
            a.refresh_token is not null, starts_with(coalesce(a.refresh_token, a.access_token, ''), @sealed), a.last_synced_at, s.status, s.message, s.cursor,
            (select count(*) from listings l where l.marketplace_account_id = a.id)
        from marketplace_accounts a
        left join lateral (
            select status, message, cursor from provider_sync_states s
            where s.marketplace_account_id = a.id and s.sync_type = @syncType
            order by s.last_run_at desc nulls last, s.id limit 1) s on true
        where a.provider_id = @provider
        order by lower(coalesce(a.shop_name, '')), a.external_shop_id, a.id
        """;

    /// <param name="id">Null: all that are active.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    internal async Task<IReadOnlyList<EtsyAccount>> ReadAsync(Guid? id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ReadSql, connection)
        {
            Parameters =
            {
                new("id", NpgsqlDbType.Uuid) { Value = (object?)id ?? DBNull.Value },
                new NpgsqlParameter<string>("provider", EtsyAccount.Provider),
                new NpgsqlParameter<string>("active", EtsyAccount.Active),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var accounts = new List<EtsyAccount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var market = TermText.Normalize(reader.IsDBNull(4) ? null : reader.GetString(4));
            accounts.Add(new EtsyAccount(
                reader.GetGuid(0),
                reader.GetString(1).Trim(),
                reader.GetString(2),
                reader.GetString(3),
                market is { Length: > 0 and <= KeywordStore.MaxLength } ? market : TermText.Normalize(options.Value.Market)));
        }

        return accounts;
    }

    /// <summary>Marks a shop that only its seller can mend; one that was disconnected meanwhile stays so.</summary>
    internal static async Task MarkNeedsReconnectAsync(NpgsqlConnection connection, Guid id, string reason, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SetStatusSql, connection);
        AddStatuses(command, id);
        command.Parameters.Add(new NpgsqlParameter<string>("status", EtsyAccount.NeedsReconnect));
        command.Parameters.Add(new NpgsqlParameter<string>("reason", reason));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Notes a sync that came to its end.</summary>
    internal static async Task MarkSyncedAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SetSyncedSql, connection);
        AddStatuses(command, id);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>Every Etsy account, whatever its status, by name of the shop.</returns>
    public async Task<IReadOnlyList<EtsyAccountSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ListSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("provider", EtsyAccount.Provider),
                new NpgsqlParameter<string>("syncType", EtsySyncStateStore.SyncType),
                new NpgsqlParameter<string>("sealed", EtsyTokenCipher.Prefix),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var accounts = new List<EtsyAccountSummary>();
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(new EtsyAccountSummary(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                Text(reader, 4),
                Instant(reader, 5),
                reader.GetBoolean(6),
                reader.GetBoolean(7),
                Instant(reader, 8),
                Text(reader, 9),
                Text(reader, 10),
                EtsyCursor.Parse(Text(reader, 11)) is { } cursor ? cursor.ToString() : null,
                reader.GetInt64(12)));
        }

        return accounts;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Instant(NpgsqlDataReader reader, int column)
        => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static void AddStatuses(NpgsqlCommand command, Guid id)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        command.Parameters.Add(new NpgsqlParameter<string>("active", EtsyAccount.Active));
        command.Parameters.Add(new NpgsqlParameter<string>("needsReconnect", EtsyAccount.NeedsReconnect));
    }
}
