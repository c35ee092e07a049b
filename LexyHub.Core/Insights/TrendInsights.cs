using LexyHub.Core.Data;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Insights;

/// <summary>Which terms move, and how they came there.</summary>
internal sealed class TrendInsights(LexyHubDatabase database)
{
    private const string SummarySql = """
        select count(*) filter (where momentum > 0), count(*) filter (where surge), max(last_reading_on), max(computed_on)
        from lexyhub_jobs.term_trends
        """;

    private const string MoversSql = """
        with foremost as (
            select term, momentum, expected_growth_30d, confidence, surge, last_reading_on,
                case when @falling then coalesce(expected_growth_30d, 0) else -momentum end as rank
            from lexyhub_jobs.term_trends
            where case when @term is null then momentum > 0 and (surge or not @surging) and (@search is null or strpos(term, @search) > 0) else term = @term end
            order by rank, term limit @limit
        ), chosen as (
            select *, row_number() over (order by rank, term) as place from foremost
        )
        select c.term, c.momentum, c.expected_growth_30d, c.confidence, c.surge, c.last_reading_on,
            s.source, array_agg(s.recorded_on order by s.recorded_on), array_agg(s.trend_score order by s.recorded_on)
        from chosen c
        left join trend_series s on s.term = c.term and s.trend_score is not null and s.recorded_on > c.last_reading_on - @days
        group by c.place, c.term, c.momentum, c.expected_growth_30d, c.confidence, c.surge, c.last_reading_on, s.source
        order by c.place, count(*) desc, s.source
        """;

    public async Task<TrendPicture> ReadAsync(TrendQuestion question, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(SummarySql),
                new NpgsqlBatchCommand(MoversSql)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<bool>("falling", question.Falling),
                        new NpgsqlParameter<bool>("surging", question.Surging),
                        new("term", NpgsqlDbType.Text) { Value = (object?)question.Term ?? DBNull.Value },
                        new("search", NpgsqlDbType.Text) { Value = (object?)question.Search ?? DBNull.Value },
                        new NpgsqlParameter<int>("limit", question.Limit),
                        new NpgsqlParameter<int>("days", question.Days),
                    },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var picture = new TrendPicture(reader.GetInt64(0), reader.GetInt64(1), Day(reader, 2), Day(reader, 3), []);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var term = reader.GetString(0);
            if (picture.Terms.Count == 0 || picture.Terms[^1].Term != term)
            {
                picture.Terms.Add(new MovingTerm(
                    term,
                    reader.GetDecimal(1),
                    reader.IsDBNull(2) ? null : reader.GetDecimal(2),
                    reader.GetDecimal(3),
                    reader.GetBoolean(4),
                    reader.GetFieldValue<DateOnly>(5),
                    []));
            }

            if (!reader.IsDBNull(6))
            {
                picture.Terms[^1].Series.Add(new ScoreSeries(
                    reader.GetString(6), reader.GetFieldValue<DateOnly[]>(7), reader.GetFieldValue<decimal[]>(8)));
            }
        }

        return picture;
    }

    private static DateOnly? Day(NpgsqlDataReader reader, int column)
        => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateOnly>(column);
}

/// <param name="Term">One term alone, in normal form; null for the foremost of all.</param>
/// <param name="Search">Only terms that contain it; in normal form.</param>
/// <param name="Falling">Lowest expected growth first, in place of highest momentum.</param>
/// <param name="Surging">Only terms that surge.</param>
/// <param name="Limit">Terms at most.</param>
/// <param name="Days">Of scores, back from a term's last reading.</param>
internal sealed record TrendQuestion(string? Term, string? Search, bool Falling, bool Surging, int Limit, int Days);

/// <param name="Moving">Terms whose momentum is above 0.</param>
/// <param name="Surging">Terms that surge.</param>
/// <param name="LastReadingOn">UTC day of the newest reading; null where there is none.</param>
/// <param name="ComputedOn">UTC day on which a trend last changed; null where there is none.</param>
/// <param name="Terms">In the order asked for.</param>
internal sealed record TrendPicture(long Moving, long Surging, DateOnly? LastReadingOn, DateOnly? ComputedOn, List<MovingTerm> Terms);

/// <param name="Momentum">0–1.</param>
/// <param name="ExpectedGrowth30d">Relative, −1 to 20; null where there is too little to say.</param>
/// <param name="Confidence">0–1.</param>
/// <param name="Series">Per source, the one with most readings first.</param>
internal sealed record MovingTerm(
    string Term, decimal Momentum, decimal? ExpectedGrowth30d, decimal Confidence, bool Surge, DateOnly LastReadingOn, List<ScoreSeries> Series);

/// <param name="Days">UTC, ascending.</param>
/// <param name="Scores">0–1, one for each day.</param>
internal sealed record ScoreSeries(string Source, IReadOnlyList<DateOnly> Days, IReadOnlyList<decimal> Scores);
