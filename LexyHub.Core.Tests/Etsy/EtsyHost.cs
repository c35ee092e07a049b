using System.Globalization;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Http;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Tests.Etsy;

/// <summary>The product over a database, with an Etsy on loopback.</summary>
internal sealed class EtsyHost : IAsyncDisposable
{
    private EtsyHost(JobHost host, string connection, EtsyServer etsy, Dictionary<string, string?> settings, CapturedLog log)
    {
        Host = host;
        Connection = connection;
        Etsy = etsy;
        Settings = settings;
        Log = log;
    }

    public JobHost Host { get; }

    public string Connection { get; }

    public EtsyServer Etsy { get; }

    public Dictionary<string, string?> Settings { get; }

    public CapturedLog Log { get; }

    public static async Task<EtsyHost> CreateAsync(NativePostgres postgres, string tables = "", params (string Key, string Value)[] more)
        => await CreateAsync(await postgres.CreateDatabaseAsync(), tables, more);

    public static async Task<EtsyHost> CreateAsync(string connection, string tables = "", params (string Key, string Value)[] more)
    {
        var etsy = await EtsyServer.StartAsync();
        var settings = etsy.Settings;
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        if (tables.Length > 0)
        {
            await Sql.ExecuteAsync(connection, tables);
        }

        var log = new CapturedLog();
        var host = await New(connection, settings, log).MigrateAsync();
        await host.ExecuteAsync(
            "insert into data_providers (id, display_name, provider_type) select 'etsy', 'Etsy', 'marketplace' where not exists (select from data_providers where id = 'etsy')");
        return new EtsyHost(host, connection, etsy, settings, log);
    }

    /// <summary>Another process's services over the same database.</summary>
    public JobHost Another(params (string Key, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>(Settings);
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return New(Connection, settings, Log);
    }

    /// <summary>Connects a shop of that many listings, with an access token that is good for a while.</summary>
    /// <param name="minutes">Until its access token ends.</param>
    public async Task<Guid> ConnectAsync(long shop, int listings, int minutes = 50, string metadata = "{}")
    {
        Etsy.AddShop(shop, listings);
        return await ConnectAsync(shop, Etsy.GrantAccess(shop), Etsy.GrantRefresh(shop), minutes, metadata);
    }

    public Task<Guid> ConnectAsync(long shop, string? access, string? refresh, int minutes = 50, string metadata = "{}") => Host.QueryAsync<Guid>($$"""
        insert into marketplace_accounts (provider_id, user_id, external_shop_id, shop_name, access_token, refresh_token, token_expires_at, scopes, metadata)
        values ('etsy', gen_random_uuid(), '{{shop}}', 'Shop {{shop}}', {{Literal(access)}}, {{Literal(refresh)}}, now() + interval '{{minutes}} minutes', '{listings_r}', '{{metadata}}')
        returning id
        """);

    public Task<JobAnswer> RunAsync(string? mode = null, Guid? account = null, CancellationToken stopping = default)
        => Host.RunAsync(Request(mode, account), stopping);

    public static RunRequest Request(string? mode = null, Guid? account = null)
    {
        var parameters = new Dictionary<string, string>();
        if (mode is not null)
        {
            parameters["mode"] = mode;
        }

        if (account is { } id)
        {
            parameters["account"] = id.ToString();
        }

        return new RunRequest(JobCatalog.EtsySync, RunTrigger.Cli) { Parameters = parameters };
    }

    public Task<IReadOnlyList<string>> RowsAsync(string sql) => Sql.RowsAsync(Connection, sql);

    /// <summary>All that a sync writes, without what differs between two runs.</summary>
    public static async Task<string> DumpAsync(string connection) => string.Join('\n', (await Task.WhenAll(
        Sql.RowsAsync(connection, """
            select a.external_shop_id || ' ' || (to_jsonb(l) - '{id,marketplace_account_id,updated_at}'::text[])::text
            from listings l join marketplace_accounts a on a.id = l.marketplace_account_id order by 1
            """),
        Sql.RowsAsync(connection, """
            select l.external_listing_id || ' ' || t.tag || ' ' || t.source from listing_tags t join listings l on l.id = t.listing_id order by 1
            """),
        Sql.RowsAsync(connection, """
            select distinct l.external_listing_id || ' ' || coalesce(s.favorites::text, '-') || ' ' || coalesce(s.views::text, '-')
            from listing_stats s join listings l on l.id = s.listing_id order by 1
            """),
        Sql.RowsAsync(connection, "select term || ' ' || market || ' ' || source from keywords order by 1"),
        Sql.RowsAsync(connection, """
            select a.external_shop_id || ' ' || a.status || ' ' || s.sync_type || ' ' || s.status || ' ' || coalesce(s.cursor, '-') || ' ' || coalesce(s.message, '-')
            from provider_sync_states s join marketplace_accounts a on a.id = s.marketplace_account_id order by 1
            """),
        Sql.RowsAsync(connection, "select account_id::text from lexyhub_jobs.etsy_seen_listings union all select account_id::text from lexyhub_jobs.etsy_token_claims")))
        .SelectMany((rows, table) => rows.Select(row => $"{table.ToString(CultureInfo.InvariantCulture)} {row}")));

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Etsy.DisposeAsync();
    }

    private static JobHost New(string connection, Dictionary<string, string?> settings, CapturedLog log) => JobHost.Create(
        connection, settings, configure: services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log).AddFilter("Npgsql", LogLevel.Warning)));

    private static string Literal(string? text) => text is null ? "null" : $"'{text}'";
}
