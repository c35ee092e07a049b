using Npgsql;

namespace LexyHub.Core.Etsy;

/// <summary>Which listings the sync under way has met.</summary>
internal static class EtsySeenStore
{
    private const string ReadSql = "select listing_id from lexyhub_jobs.etsy_seen_listings where account_id = @account and state = @state";

    private const string AddSql = """
        insert into lexyhub_jobs.etsy_seen_listings (account_id, state, listing_id)
        select @account, @state, id from unnest(@ids) as g (id)
        on conflict do nothing
        """;

    private const string ClearSql = "delete from lexyhub_jobs.etsy_seen_listings where account_id = @account";

    // Ids of Etsy are numbers: other listings of the account, such as imported ones, are not Etsy's to lose. A status that none of
    // the wanted states is may belong to a listing that was not asked for; one that Etsy's contract does not know was asked for.
    private const string GoneSql = """
        from listings l
        where l.marketplace_account_id = @account and l.external_listing_id ~ '^[0-9]{1,19}$' and l.status is distinct from 'inactive'
            and (l.status is null or l.status = any (@wanted) or l.status <> all (@known))
            and not exists (
                select from lexyhub_jobs.etsy_seen_listings s
                where s.account_id = @account and s.listing_id::text = l.external_listing_id)
        """;

    private const string AnyGoneSql = $"select exists (select {GoneSql})";

    private const string InactivateSql = $"""
        update listings set status = 'inactive', updated_at = now()
        where id in (select l.id {GoneSql})
        """;

    public static async Task<HashSet<long>> ReadAsync(NpgsqlDataSource dataSource, Guid account, string state, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<Guid>("account", account));
        command.Parameters.Add(new NpgsqlParameter<string>("state", state));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }

    public static async Task AddAsync(NpgsqlConnection connection, Guid account, string state, long[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(AddSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid>("account", account),
                new NpgsqlParameter<string>("state", state),
                new NpgsqlParameter<long[]>("ids", ids),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task ClearAsync(NpgsqlConnection connection, Guid account, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ClearSql, connection) { Parameters = { new NpgsqlParameter<Guid>("account", account) } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether a listing of the table was not met.</summary>
    public static async Task<bool> IsAnyGoneAsync(
        NpgsqlDataSource dataSource, Guid account, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(AnyGoneSql);
        AddStates(command, account, wanted);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Makes inactive what was not met; nothing is deleted.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> InactivateAsync(
        NpgsqlConnection connection, Guid account, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(InactivateSql, connection);
        AddStates(command, account, wanted);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddStates(NpgsqlCommand command, Guid account, IReadOnlyList<string> wanted)
    {
        command.Parameters.Add(new NpgsqlParameter<Guid>("account", account));
        command.Parameters.Add(new NpgsqlParameter<string[]>("wanted", [.. wanted]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("known", [.. EtsyStates.All]));
    }
}
