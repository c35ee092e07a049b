using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Data;

/// <summary>A listing as its origin has it.</summary>
/// <param name="ExternalId">The origin's own id.</param>
/// <param name="Title">Null: not said; the table's stays.</param>
/// <param name="PriceCents">Hundredths of the currency's unit.</param>
/// <param name="Status">Null: not said; the table's stays, a new listing is <c>active</c>.</param>
/// <param name="Extras">A JSON object for <c>extras</c> under <see cref="ListingOrigin.ExtrasKey"/>; null leaves what is there.</param>
/// <param name="Tags">No two of them alike but for their case.</param>
internal sealed record ListingContent(
    string ExternalId,
    string? Title,
    string? Description,
    string? Url,
    string? Currency,
    int? PriceCents,
    int? Quantity,
    string? Status,
    DateTime? PublishedAt,
    string? Extras,
    IReadOnlyList<string> Tags);

/// <summary>Which columns the origin knows: of the others the table's values stay.</summary>
internal sealed record ListingColumns
{
    public bool Description { get; init; } = true;

    public bool Url { get; init; } = true;

    public bool Currency { get; init; } = true;

    public bool Price { get; init; } = true;

    public bool Quantity { get; init; } = true;

    public bool PublishedAt { get; init; } = true;

    public bool Tags { get; init; } = true;
}

/// <summary>Who writes listings.</summary>
/// <param name="ExtrasKey">Its place in <c>listings.extras</c>; other keys are somebody else's.</param>
/// <param name="TagSource"><c>listing_tags.source</c> of what it adds.</param>
/// <param name="RemovableTagSources">Sources of tags that go once the origin no longer has them; an empty one stands for none given.</param>
/// <param name="IgnoresTagCase">A tag that is there in another case counts as the same and stays.</param>
internal sealed record ListingOrigin(string ExtrasKey, string TagSource, string[] RemovableTagSources, bool IgnoresTagCase = false);

/// <summary>What a write did, by external id; no id is in both.</summary>
internal sealed record ListingChanges(IReadOnlySet<string> Added, IReadOnlySet<string> Changed);

/// <summary>Writes the listings of one account with their tags: adds new ones and updates those of which the origin says something
/// else than the table.</summary>
internal sealed class ListingStore
{
    private const string HasOwnerSql = """
        select exists (
            select from pg_attribute
            where attrelid = 'listings'::regclass and attname = 'owner_user_id' and not attisdropped)
        """;

    // Two writers of one account take turns: not every deployment has a unique key on account and external id.
    private const string LockAccountSql = "select from marketplace_accounts where id = @account for update";

    private const string GivenSql = """
        unnest(@ids, @titles, @descriptions, @urls, @currencies, @prices, @quantities, @statuses, @published, @extras)
            as g (external_id, title, description, url, currency, price_cents, quantity, status, published_at, extras)
        """;

    private const string UpdateSql = $$"""
        update listings l
        set title = n.title, description = n.description, url = n.url, currency = n.currency, price_cents = n.price_cents,
            quantity = n.quantity, status = n.status, published_at = n.published_at, extras = n.extras, updated_at = now()
        from (
            select o.id, coalesce(g.title, o.title) as title,
                case when @hasDescription then g.description else o.description end as description,
                case when @hasUrl then g.url else o.url end as url,
                case when @hasCurrency or g.currency is not null then g.currency else o.currency end as currency,
                case when @hasPrice then g.price_cents else o.price_cents end as price_cents,
                case when @hasQuantity then g.quantity else o.quantity end as quantity,
                coalesce(g.status, o.status) as status,
                case when @hasPublishedAt then g.published_at else o.published_at end as published_at,
                case when g.extras is null then o.extras
                    else case when jsonb_typeof(o.extras) = 'object' then o.extras else '{}' end || jsonb_build_object(@extrasKey::text,
                        case when jsonb_typeof(o.extras -> @extrasKey) = 'object' then o.extras -> @extrasKey else '{}' end || g.extras::jsonb)
                end as extras
            from {{GivenSql}}
            join listings o on o.marketplace_account_id = @account and o.external_listing_id = g.external_id
        ) n
        where l.id = n.id
            and (l.title, l.description, l.url, l.currency, l.price_cents, l.quantity, l.status, l.published_at, l.extras)
                is distinct from
                (n.title, n.description, n.url, n.currency, n.price_cents, n.quantity, n.status, n.published_at, n.extras)
        returning l.external_listing_id
        """;

    private const string InsertedSql = $$"""
        @account, g.external_id, coalesce(g.title, ''), g.description, g.url, g.currency, g.price_cents,
            g.quantity, coalesce(g.status, 'active'), g.published_at,
            case when g.extras is null then '{}' else jsonb_build_object(@extrasKey::text, g.extras::jsonb) end
        """;

    private const string NotThereSql = $"""
        from {GivenSql}
        where not exists (
            select from listings l where l.marketplace_account_id = @account and l.external_listing_id = g.external_id)
        on conflict do nothing
        returning external_listing_id
        """;

    private const string InsertSql = $"""
        insert into listings (marketplace_account_id, external_listing_id, title, description, url, currency, price_cents,
            quantity, status, published_at, extras)
        select {InsertedSql}
        {NotThereSql}
        """;

    // Newer deployments want the account's user with each listing.
    private const string InsertOwnedSql = $"""
        insert into listings (marketplace_account_id, external_listing_id, title, description, url, currency, price_cents,
            quantity, status, published_at, extras, owner_user_id)
        select {InsertedSql}, (select user_id from marketplace_accounts where id = @account)
        {NotThereSql}
        """;

    // Equal on both sides of one operator, so that the planner can hash it.
    private const string SameTagSql = """
        case when @ignoreCase then lower(g.tag) else g.tag end = case when @ignoreCase then lower(t.tag) else t.tag end
        """;

    private const string RemoveTagsSql = $"""
        delete from listing_tags t
        using listings l
        where l.marketplace_account_id = @account and l.external_listing_id = any (@ids) and t.listing_id = l.id
            and coalesce(t.source, '') = any (@removable)
            and not exists (
                select from unnest(@tagIds, @tags) as g (external_id, tag)
                where g.external_id = l.external_listing_id and {SameTagSql})
        returning l.external_listing_id
        """;

    private const string AddTagsSql = $"""
        with added as (
            insert into listing_tags (listing_id, tag, source)
            select l.id, g.tag, @tagSource
            from unnest(@tagIds, @tags) as g (external_id, tag)
            join listings l on l.marketplace_account_id = @account and l.external_listing_id = g.external_id
            where not exists (select from listing_tags t where t.listing_id = l.id and {SameTagSql})
            on conflict do nothing
            returning listing_id
        )
        select distinct l.external_listing_id from added join listings l on l.id = added.listing_id
        """;

    private readonly Guid account;
    private readonly ListingOrigin origin;
    private readonly ListingColumns columns;
    private readonly string insertSql;

    private ListingStore(Guid account, ListingOrigin origin, ListingColumns columns, bool hasOwner)
    {
        this.account = account;
        this.origin = origin;
        this.columns = columns;
        insertSql = hasOwner ? InsertOwnedSql : InsertSql;
    }

    /// <exception cref="DatabaseException">The database is not usable, or has no table listings yet.</exception>
    public static async Task<ListingStore> ProbeAsync(
        LexyHubDatabase database, Guid account, ListingOrigin origin, ListingColumns columns, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(HasOwnerSql, connection);
            return new ListingStore(account, origin, columns, await command.ExecuteScalarAsync(cancellationToken) is true);
        }
        catch (PostgresException e) when (DatabaseErrors.Explain(e, database.DataSource) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>Writes in the transaction of the connection and commits nothing.</summary>
    public async Task<ListingChanges> UpsertAsync(
        NpgsqlConnection connection, IReadOnlyList<ListingContent> listings, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, LockAccountSql, [], cancellationToken);
        var changed = await ExecuteAsync(connection, UpdateSql, [.. Values(listings), .. Presence()], cancellationToken);
        var added = await ExecuteAsync(connection, insertSql, Values(listings), cancellationToken);
        if (columns.Tags)
        {
            changed.UnionWith(await ExecuteAsync(connection, RemoveTagsSql, [Ids(listings), .. Tags(listings), new NpgsqlParameter<string[]>("removable", origin.RemovableTagSources)], cancellationToken));
            changed.UnionWith(await ExecuteAsync(connection, AddTagsSql, [.. Tags(listings), new NpgsqlParameter<string>("tagSource", origin.TagSource)], cancellationToken));
        }

        changed.ExceptWith(added);
        return new ListingChanges(added, changed);
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

    private static NpgsqlParameter Ids(IReadOnlyList<ListingContent> listings) => Texts("ids", listings.Select(listing => listing.ExternalId));

    private List<NpgsqlParameter> Values(IReadOnlyList<ListingContent> listings) =>
    [
        Ids(listings),
        Texts("titles", listings.Select(listing => listing.Title)),
        Texts("descriptions", listings.Select(listing => listing.Description)),
        Texts("urls", listings.Select(listing => listing.Url)),
        Texts("currencies", listings.Select(listing => listing.Currency)),
        new("prices", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = listings.Select(listing => listing.PriceCents).ToArray() },
        new("quantities", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = listings.Select(listing => listing.Quantity).ToArray() },
        Texts("statuses", listings.Select(listing => listing.Status)),
        new("published", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz) { Value = listings.Select(listing => listing.PublishedAt).ToArray() },
        Texts("extras", listings.Select(listing => listing.Extras)),
        new NpgsqlParameter<string>("extrasKey", origin.ExtrasKey),
    ];

    private List<NpgsqlParameter> Tags(IReadOnlyList<ListingContent> listings)
    {
        var pairs = listings.SelectMany(listing => listing.Tags, (listing, tag) => (listing.ExternalId, Tag: tag)).ToList();
        return
        [
            Texts("tagIds", pairs.Select(pair => pair.ExternalId)),
            Texts("tags", pairs.Select(pair => pair.Tag)),
            new NpgsqlParameter<bool>("ignoreCase", origin.IgnoresTagCase),
        ];
    }

    private static NpgsqlParameter Texts(string name, IEnumerable<string?> values)
        => new(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = values.ToArray() };

    private List<NpgsqlParameter> Presence() =>
    [
        new NpgsqlParameter<bool>("hasDescription", columns.Description),
        new NpgsqlParameter<bool>("hasUrl", columns.Url),
        new NpgsqlParameter<bool>("hasCurrency", columns.Currency),
        new NpgsqlParameter<bool>("hasPrice", columns.Price),
        new NpgsqlParameter<bool>("hasQuantity", columns.Quantity),
        new NpgsqlParameter<bool>("hasPublishedAt", columns.PublishedAt),
    ];
}
