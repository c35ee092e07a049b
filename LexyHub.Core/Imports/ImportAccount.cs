using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Core.Imports;

/// <summary>The account that imported listings go to.</summary>
internal static class ImportAccount
{
    private const string FindSql = "select id from marketplace_accounts where id = @id";

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

    /// <returns>The account asked for, or the import account, made where it is missing.</returns>
    /// <exception cref="ImportException">There is no such account, or the import account cannot be made.</exception>
    public static async Task<Guid> FindAsync(LexyHubDatabase database, Guid? asked, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            if (asked is null)
            {
                await MakeAsync(connection, cancellationToken);
            }

            await using var find = new NpgsqlCommand(FindSql, connection);
            find.Parameters.Add(new NpgsqlParameter<Guid>("id", asked ?? ListingImporter.ImportAccountId));
            return await find.ExecuteScalarAsync(cancellationToken) as Guid?
                ?? throw new ImportException($"There is no marketplace account {asked}.");
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            throw new ImportException($"This database does not let the import make an account of its own ({e.MessageText}). Name the account to import into.");
        }
        catch (PostgresException e) when (DatabaseErrors.Explain(e, database.DataSource) is { } explained)
        {
            throw explained;
        }
    }

    private static async Task MakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var sql in (string[])[MakeProviderSql, MakeAccountSql])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(new NpgsqlParameter<string>("provider", ListingImporter.ImportProviderId));
            command.Parameters.Add(new NpgsqlParameter<Guid>("id", ListingImporter.ImportAccountId));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
