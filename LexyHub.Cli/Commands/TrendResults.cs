using System.Text.Json.Nodes;
using LexyHub.Core.Data;
using Npgsql;

namespace LexyHub.Cli.Commands;

/// <summary>A term and where it goes.</summary>
/// <param name="Momentum">0–1.</param>
/// <param name="ExpectedGrowth30d">Of the score, signed; null where there is too little to say.</param>
/// <param name="Confidence">0–1.</param>
/// <param name="Scores">Its latest scores of 0–1 in the source with the most readings, oldest first.</param>
internal sealed record Mover(string Term, decimal Momentum, decimal? ExpectedGrowth30d, decimal Confidence, bool Surge, string Sources, IReadOnlyList<decimal> Scores);

/// <summary>What trend-aggregation has made, for the demo's tables.</summary>
internal sealed class TrendResults(LexyHubDatabase database)
{
    private const string MoversSql = """
        select t.term, t.momentum, t.expected_growth_30d, t.confidence, t.surge,
            (select string_agg(distinct s.source, ', ' order by s.source) from trend_series s where s.term = t.term),
            coalesce((
                select array_agg(latest.trend_score order by latest.recorded_on)
                from (
                    select s.trend_score, s.recorded_on
                    from trend_series s
                    where s.term = t.term and s.trend_score is not null and s.source = (
                        select source from trend_series where term = t.term group by source order by count(*) desc, source limit 1)
                    order by s.recorded_on desc limit 12) latest), '{}')
        from (
            select term, momentum, expected_growth_30d, confidence, surge
            from lexyhub_jobs.term_trends
            where momentum > 0
            order by case when @falling then coalesce(expected_growth_30d, 0) else -momentum end, term
            limit @count) t
        order by case when @falling then coalesce(t.expected_growth_30d, 0) else -t.momentum end, t.term
        """;

    private const string CountsSql = """
        select
            (select count(*) from keywords),
            (select count(*) from keywords where trend_momentum is not null),
            (select count(*) from listings),
            (select count(*) from trend_series),
            (select count(*) from lexyhub_jobs.term_trends where surge)
        """;

    /// <summary>Terms with the highest momentum, or with the lowest expected growth.</summary>
    public async Task<IReadOnlyList<Mover>> ReadMoversAsync(bool falling, int count, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(MoversSql, connection)
        {
            Parameters = { new NpgsqlParameter<bool>("falling", falling), new NpgsqlParameter<int>("count", count) },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var movers = new List<Mover>();
        while (await reader.ReadAsync(cancellationToken))
        {
            movers.Add(new Mover(
                reader.GetString(0),
                reader.GetDecimal(1),
                reader.IsDBNull(2) ? null : reader.GetDecimal(2),
                reader.GetDecimal(3),
                reader.GetBoolean(4),
                reader.IsDBNull(5) ? "" : reader.GetString(5),
                reader.GetFieldValue<decimal[]>(6)));
        }

        return movers;
    }

    /// <summary>How many rows there are of what.</summary>
    public async Task<JsonObject> CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(CountsSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new JsonObject
        {
            ["keywords"] = reader.GetInt64(0),
            ["keywordsWithMomentum"] = reader.GetInt64(1),
            ["listings"] = reader.GetInt64(2),
            ["trendSeries"] = reader.GetInt64(3),
            ["surges"] = reader.GetInt64(4),
        };
    }
}
