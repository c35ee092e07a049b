using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Imports;

/// <summary>The account that imported listings go to.</summary>
internal static class ImportAccount
{
    private const string MakeProviderSql = """
        insert into data_providers (id, display_name, provider_type)
        select @provider, 'File import', 'import'
        where not exists (select from data_providers where id = @provider)
        on conflict do nothing
        """;

    private const string MakeAccountSql = """
        insert into marketplace_accounts (id, provider_id, external_shop_id, shop_name)
        select @id, @provider, @provider, 'File import'
        where not exists (select from marketplace_accounts where id = @id)
        on conflict do nothing
        """;

    private const string MakeOwnedAccountSql = """
        insert into marketplace_accounts as a (id, user_id, provider_id, external_shop_id, shop_name)
        values (@id, @user, @provider, @provider, 'File import')
        on conflict (id) do update set user_id = excluded.user_id where a.user_id is null
        """;

    // Not every deployment has the columns: those that the row has are asked for.
    private const string LacksUserSql = """
        select to_jsonb(a) ->> 'user_id' is null and exists (
            select from pg_attribute
            where attrelid = 'listings'::regclass and attname = 'owner_user_id' and attnotnull and not attisdropped)
        from marketplace_accounts a where a.id = @id
        """;

    private const string HowToName =
        "Name the user who gets the import account (--user <id>), or an account that has one (--account <id>; `select id, shop_name from marketplace_accounts` lists them).";

    /// <returns>The account asked for, or the import account, made where it is missing.</returns>
    /// <param name="asked">Null: the import account.</param>
    /// <param name="user">Gets the import account where it has no user yet.</param>
    /// <exception cref="ImportException">There is no such account, it lacks the user that this database wants with each listing, or the import
    /// account cannot be made.</exception>
    public static async Task<Guid> FindAsync(LexyHubDatabase database, Guid? asked, Guid? user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            if (asked is null)
            {
                await MakeAsync(connection, user, cancellationToken);
            }

            var account = asked ?? ListingImporter.ImportAccountId;
            await using var lacksUser = new NpgsqlCommand(LacksUserSql, connection) { Parameters = { new NpgsqlParameter<Guid>("id", account) } };
            return await lacksUser.ExecuteScalarAsync(cancellationToken) switch
            {
                false => account,
                true => throw new ImportException($"This database wants a user with each listing, and account {account} has none. {HowToName}"),
                _ => throw new ImportException($"There is no marketplace account {account}."),
            };
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            throw new ImportException($"There is no user {user} ({e.MessageText}). {HowToName}");
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            throw new ImportException($"This database does not let the import make an account of its own ({e.MessageText}). {HowToName}");
        }
        catch (PostgresException e) when (DatabaseErrors.Explain(e, database.DataSource) is { } explained)
        {
            throw explained;
        }
    }

    private static async Task MakeAsync(NpgsqlConnection connection, Guid? user, CancellationToken cancellationToken)
    {
        foreach (var sql in (string[])[MakeProviderSql, user is null ? MakeAccountSql : MakeOwnedAccountSql])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(new NpgsqlParameter<string>("provider", ListingImporter.ImportProviderId));
            command.Parameters.Add(new NpgsqlParameter<Guid>("id", ListingImporter.ImportAccountId));
            if (user is { } owner)
            {
                command.Parameters.Add(new NpgsqlParameter<Guid>("user", owner));
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
