using LexyHub.Core.Data;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Imports;

/// <param name="ExternalId">The file's id, else the lower-case hex SHA-256 of the url, else of the title's normal form.</param>
/// <param name="Extras">A JSON object for <c>extras.import</c>.</param>
internal sealed record ListingRow(
    long Line,
    string ExternalId,
    string Title,
    string? Description,
    string? Url,
    string? Currency,
    int? PriceCents,
    int? Quantity,
    string? Status,
    DateTime? PublishedAt,
    string? Extras,
    IReadOnlyList<string> Tags) : IImportRow;

/// <summary>Writes the listings of one account.</summary>
internal sealed class ListingImportStore(Guid account, ColumnMap columns)
{
    private const string FindAccountSql = "select id from marketplace_accounts where id = @id";

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

    // Two imports into one account take turns: not every deployment has a unique key on account and external id.
    private const string LockAccountSql = "select from marketplace_accounts where id = @account for update";

    // Of columns that the file does not have, and of a status it leaves blank, the table's value stays.
    private const string UpdateSql = """
        update listings l
        set title = n.title, description = n.description, url = n.url, currency = n.currency, price_cents = n.price_cents,
            quantity = n.quantity, status = n.status, published_at = n.published_at, extras = n.extras, updated_at = now()
        from (
            select o.id, g.title,
                case when @hasDescription then g.description else o.description end as description,
                case when @hasUrl then g.url else o.url end as url,
                case when @hasCurrency or g.currency is not null then g.currency else o.currency end as currency,
                case when @hasPrice then g.price_cents else o.price_cents end as price_cents,
                case when @hasQuantity then g.quantity else o.quantity end as quantity,
                coalesce(g.status, o.status) as status,
                case when @hasPublishedAt then g.published_at else o.published_at end as published_at,
                case when g.extras is null then o.extras
                    else case when jsonb_typeof(o.extras) = 'object' then o.extras else '{}' end || jsonb_build_object('import',
                        case when jsonb_typeof(o.extras -> 'import') = 'object' then o.extras -> 'import' else '{}' end || g.extras::jsonb)
                end as extras
            from unnest(@ids, @titles, @descriptions, @urls, @currencies, @prices, @quantities, @statuses, @published, @extras)
                as g (external_id, title, description, url, currency, price_cents, quantity, status, published_at, extras)
            join listings o on o.marketplace_account_id = @account and o.external_listing_id = g.external_id
        ) n
        where l.id = n.id
            and (l.title, l.description, l.url, l.currency, l.price_cents, l.quantity, l.status, l.published_at, l.extras)
                is distinct from
                (n.title, n.description, n.url, n.currency, n.price_cents, n.quantity, n.status, n.published_at, n.extras)
        returning l.external_listing_id
        """;

    private const string InsertSql = """
        insert into listings (marketplace_account_id, external_listing_id, title, description, url, currency, price_cents,
            quantity, status, published_at, extras)
        select @account, g.external_id, g.title, g.description, g.url, g.currency, g.price_cents,
            g.quantity, coalesce(g.status, 'active'), g.published_at,
            case when g.extras is null then '{}' else jsonb_build_object('import', g.extras::jsonb) end
        from unnest(@ids, @titles, @descriptions, @urls, @currencies, @prices, @quantities, @statuses, @published, @extras)
            as g (external_id, title, description, url, currency, price_cents, quantity, status, published_at, extras)
        where not exists (
            select from listings l where l.marketplace_account_id = @account and l.external_listing_id = g.external_id)
        on conflict do nothing
        returning external_listing_id
        """;

    // Only tags that an import has set go away again: others are somebody else's.
    private const string RemoveTagsSql = """
        delete from listing_tags t
        using listings l
        where l.marketplace_account_id = @account and l.external_listing_id = any (@ids) and t.listing_id = l.id
            and t.source = 'import'
            and not exists (
                select from unnest(@tagIds, @tags) as g (external_id, tag)
                where g.external_id = l.external_listing_id and g.tag = t.tag)
        returning l.external_listing_id
        """;

    private const string AddTagsSql = """
        with added as (
            insert into listing_tags (listing_id, tag, source)
            select l.id, g.tag, 'import'
            from unnest(@tagIds, @tags) as g (external_id, tag)
            join listings l on l.marketplace_account_id = @account and l.external_listing_id = g.external_id
            where not exists (select from listing_tags t where t.listing_id = l.id and t.tag = g.tag)
            on conflict do nothing
            returning listing_id
        )
        select distinct l.external_listing_id from added join listings l on l.id = added.listing_id
        """;

    /// <returns>The account asked for, or the import account, made where it is missing.</returns>
    /// <exception cref="ImportException">There is no such account, or the import account cannot be made.</exception>
    public static async Task<Guid> FindAccountAsync(LexyHubDatabase database, Guid? asked, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            if (asked is null)
            {
                await MakeImportAccountAsync(connection, cancellationToken);
            }

            await using var find = new NpgsqlCommand(FindAccountSql, connection);
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

    public async Task<BatchCounts> UpsertAsync(
        NpgsqlConnection connection, IReadOnlyList<ListingRow> rows, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, LockAccountSql, [], cancellationToken);
        var changed = await ExecuteAsync(connection, UpdateSql, [.. Values(rows), .. Presence()], cancellationToken);
        var added = await ExecuteAsync(connection, InsertSql, Values(rows), cancellationToken);
        if (columns.Has("tags"))
        {
            changed.UnionWith(await ExecuteAsync(connection, RemoveTagsSql, [Ids(rows), .. Tags(rows)], cancellationToken));
            changed.UnionWith(await ExecuteAsync(connection, AddTagsSql, Tags(rows), cancellationToken));
        }

        changed.ExceptWith(added);
        return new BatchCounts(added.Count, changed.Count, rows.Count - added.Count - changed.Count);
    }

    private static async Task MakeImportAccountAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var sql in (string[])[MakeProviderSql, MakeAccountSql])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(new NpgsqlParameter<string>("provider", ListingImporter.ImportProviderId));
            command.Parameters.Add(new NpgsqlParameter<Guid>("id", ListingImporter.ImportAccountId));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    // External ids that the statement returns.
    private async Task<HashSet<string>> ExecuteAsync(
        NpgsqlConnection connection, string sql, IReadOnlyList<NpgsqlParameter> parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid>("account", account));
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.FieldCount > 0)
            {
                ids.Add(reader.GetString(0));
            }
        }

        return ids;
    }

    private static NpgsqlParameter Ids(IReadOnlyList<ListingRow> rows) => Texts("ids", rows.Select(row => row.ExternalId));

    private static List<NpgsqlParameter> Values(IReadOnlyList<ListingRow> rows) =>
    [
        Ids(rows),
        Texts("titles", rows.Select(row => row.Title)),
        Texts("descriptions", rows.Select(row => row.Description)),
        Texts("urls", rows.Select(row => row.Url)),
        Texts("currencies", rows.Select(row => row.Currency)),
        new("prices", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = rows.Select(row => row.PriceCents).ToArray() },
        new("quantities", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = rows.Select(row => row.Quantity).ToArray() },
        Texts("statuses", rows.Select(row => row.Status)),
        new("published", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz) { Value = rows.Select(row => row.PublishedAt).ToArray() },
        Texts("extras", rows.Select(row => row.Extras)),
    ];

    private static List<NpgsqlParameter> Tags(IReadOnlyList<ListingRow> rows)
    {
        var pairs = rows.SelectMany(row => row.Tags, (row, tag) => (row.ExternalId, Tag: tag)).ToList();
        return [Texts("tagIds", pairs.Select(pair => pair.ExternalId)), Texts("tags", pairs.Select(pair => pair.Tag))];
    }

    private static NpgsqlParameter Texts(string name, IEnumerable<string?> values)
        => new(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = values.ToArray() };

    private List<NpgsqlParameter> Presence() =>
    [
        Flag("hasDescription", "description"),
        Flag("hasUrl", "url"),
        Flag("hasCurrency", "currency"),
        Flag("hasPrice", "price"),
        Flag("hasQuantity", "quantity"),
        Flag("hasPublishedAt", "published at"),
    ];

    private NpgsqlParameter<bool> Flag(string name, string column) => new(name, columns.Has(column));
}
