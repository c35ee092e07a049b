using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Etsy;

/// <param name="Favorites">Null: not said.</param>
/// <param name="Views">Above zero; null: not said.</param>
internal sealed record EtsyStat(string ExternalId, int? Favorites, int? Views);

/// <summary>A listing's statistics, one row a UTC day. What Etsy does not say stays as it is there, and is null in a new row: a zero
/// would read as a loss of all views.</summary>
internal static class EtsyStatStore
{
    private const string UpsertSql = """
        with given as (
            select l.id, g.favorites, g.views
            from unnest(@ids, @favorites, @views) as g (external_id, favorites, views)
            join listings l on l.marketplace_account_id = @account and l.external_listing_id = g.external_id
        ), updated as (
            update listing_stats s
            set favorites = coalesce(g.favorites, s.favorites), views = coalesce(g.views, s.views)
            from given g
            where s.listing_id = g.id and s.recorded_on = @day
                and (coalesce(g.favorites, s.favorites), coalesce(g.views, s.views)) is distinct from (s.favorites, s.views)
        )
        insert into listing_stats (listing_id, recorded_on, favorites, views)
        select g.id, @day, g.favorites, g.views from given g
        where not exists (select from listing_stats s where s.listing_id = g.id and s.recorded_on = @day)
        on conflict do nothing
        """;

    public static async Task UpsertAsync(
        NpgsqlConnection connection, Guid account, DateOnly day, IReadOnlyList<EtsyStat> stats, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(UpsertSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid>("account", account),
                new NpgsqlParameter<DateOnly>("day", day),
                new NpgsqlParameter<string[]>("ids", [.. stats.Select(stat => stat.ExternalId)]),
                new("favorites", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = stats.Select(stat => stat.Favorites).ToArray() },
                new("views", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = stats.Select(stat => stat.Views).ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
