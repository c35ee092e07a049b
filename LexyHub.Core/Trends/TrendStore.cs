using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Trends;

/// <summary>Reads what is due and writes what was made of it: a handful of statements a batch, none per term.</summary>
internal sealed class TrendStore(NpgsqlDataSource dataSource)
{
    private const string ReadDueSql = """
        with batch as materialized (
            select term, since, version from lexyhub_jobs.trend_due where term > @after order by term limit @count
        )
        select b.term, b.since, b.version, s.source, s.recorded_on, s.value
        from batch b left join lexyhub_jobs.signals s
            on s.term = b.term and s.term > @after and s.recorded_on >= coalesce(b.since, @today) - @historyDays
            and (@pushed or s.source = any (@fetched))
        order by b.term, s.source, s.recorded_on
        """;

    private const string ReadDecayingSql = """
        with batch as materialized (
            select term from lexyhub_jobs.term_trends where due_on <= @today and term > @after order by term limit @count
        )
        select b.term, null::date, 0::bigint, s.source, s.recorded_on, s.value
        from batch b left join lexyhub_jobs.signals s
            on s.term = b.term and s.term > @after and s.recorded_on >= @today - @historyDays and (@pushed or s.source = any (@fetched))
        order by b.term, s.source, s.recorded_on
        """;

    private const string UpsertSeriesSql = """
        insert into trend_series as t (term, source, recorded_on, trend_score, velocity, expected_growth_30d)
        select * from unnest(@terms, @sources, @days, @scores, @velocities, @growths)
        on conflict (term, source, recorded_on) do update
        set trend_score = excluded.trend_score, velocity = excluded.velocity, expected_growth_30d = excluded.expected_growth_30d
        where (t.trend_score, t.velocity, t.expected_growth_30d)
            is distinct from (excluded.trend_score, excluded.velocity, excluded.expected_growth_30d)
        """;

    // Written by this job alone, under its fence: a term without a row gets none meanwhile, and inserting without looking for a
    // conflict takes half the time.
    private const string WriteTrendsSql = """
        with fresh as materialized (
            select * from unnest(@terms, @momenta, @growths, @confidences, @surges, @lastReadings, @dueDays)
                as f (term, momentum, growth, confidence, surge, last_reading_on, due_on)
        ), updated as (
            update lexyhub_jobs.term_trends t
            set momentum = f.momentum, expected_growth_30d = f.growth, confidence = f.confidence, surge = f.surge,
                last_reading_on = f.last_reading_on, computed_on = @today, due_on = f.due_on
            from fresh f
            where t.term = f.term and t.term between @first and @last
                and (t.momentum, t.expected_growth_30d, t.confidence, t.surge, t.last_reading_on, t.due_on)
                    is distinct from (f.momentum, f.growth, f.confidence, f.surge, f.last_reading_on, f.due_on)
        )
        insert into lexyhub_jobs.term_trends (
            term, momentum, expected_growth_30d, confidence, surge, last_reading_on, computed_on, due_on)
        select f.term, f.momentum, f.growth, f.confidence, f.surge, f.last_reading_on, @today, f.due_on
        from fresh f
        where not exists (select from lexyhub_jobs.term_trends t where t.term = f.term and t.term between @first and @last)
        """;

    // extras may be null or no object, and so may extras.trend. A row is touched only where something but the time differs:
    // LexyHub's trigger moves updated_at at every update.
    private const string UpdateKeywordsSql = """
        update keywords k
        set trend_momentum = f.momentum,
            extras = case when jsonb_typeof(k.extras) = 'object' then k.extras else '{}' end
                || f.extras
        from unnest(@terms, @momenta, @extras) as f (term, momentum, extras)
        join lexyhub_jobs.keyword_terms t on t.term = f.term and t.term <> '' and t.term between @first and @last
        where k.id = t.keyword_id
            and (k.trend_momentum is distinct from f.momentum
                or case when jsonb_typeof(k.extras -> 'trend') = 'object' then (k.extras -> 'trend') - 'updatedAt' end
                    is distinct from (f.extras -> 'trend') - 'updatedAt')
        """;

    // A row that somebody holds is about to get another version, and stays due. Waiting for it, while holding others,
    // could lock this run and an importer each other out.
    private const string DeleteDueSql = """
        with done as materialized (
            select d.ctid as place
            from lexyhub_jobs.trend_due d join unnest(@terms, @versions) as read (term, version) using (term, version)
            where d.term between @first and @last
            for update of d skip locked
        )
        delete from lexyhub_jobs.trend_due d using done where d.ctid = done.place
        """;

    private const string CountDueSql = """
        select (select count(*) from lexyhub_jobs.trend_due)
            + (select count(*) from lexyhub_jobs.term_trends t
               where t.due_on <= @today and not exists (select from lexyhub_jobs.trend_due d where d.term = t.term))
        """;

    /// <summary>The next terms with new readings, in the order of the database, after <paramref name="after"/>.</summary>
    public Task<IReadOnlyList<DueTerm>> ReadDueAsync(string after, int count, TrendReadScope scope, CancellationToken cancellationToken)
        => ReadAsync(ReadDueSql, after, count, scope, cancellationToken);

    /// <summary>Terms that change today though no reading arrived, likewise.</summary>
    public Task<IReadOnlyList<DueTerm>> ReadDecayingAsync(string after, int count, TrendReadScope scope, CancellationToken cancellationToken)
        => ReadAsync(ReadDecayingSql, after, count, scope, cancellationToken);

    /// <returns>Terms that could be worked on now.</returns>
    public async Task<long> CountDueAsync(DateOnly today, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(CountDueSql);
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("today", today));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Writes a batch within the caller's fenced transaction, in one round trip.</summary>
    /// <returns>Rows of <c>trend_series</c> inserted or changed, and keywords changed.</returns>
    public static async Task<(int Series, int Keywords)> WriteAsync(
        NpgsqlConnection connection, TrendBatch batch, DateOnly today, CancellationToken cancellationToken)
    {
        // All its terms may have been left for the next run.
        if (batch.DoneTerms.Count == 0)
        {
            return (0, 0);
        }

        await using var command = new NpgsqlBatch(connection);
        // The small one first: the server is at work while the large one is still being sent.
        var trends = Add(command, WriteTrendsSql);
        AddRange(trends, batch);
        trends.Parameters.Add(new NpgsqlParameter<DateOnly>("today", today));
        AddMomenta(trends, batch);
        trends.Parameters.Add(new NpgsqlParameter<List<decimal>>("growths", batch.Growths));
        trends.Parameters.Add(new NpgsqlParameter<List<decimal>>("confidences", batch.Confidences));
        trends.Parameters.Add(new NpgsqlParameter<List<bool>>("surges", batch.Surges));
        trends.Parameters.Add(new NpgsqlParameter<List<DateOnly>>("lastReadings", batch.LastReadings));
        trends.Parameters.Add(new NpgsqlParameter<List<DateOnly?>>("dueDays", batch.DueDays));

        var series = Add(command, UpsertSeriesSql);
        series.Parameters.Add(new NpgsqlParameter<List<string>>("terms", batch.SeriesTerms));
        series.Parameters.Add(new NpgsqlParameter<List<string>>("sources", batch.SeriesSources));
        series.Parameters.Add(new NpgsqlParameter<List<DateOnly>>("days", batch.SeriesDays));
        series.Parameters.Add(new NpgsqlParameter<List<decimal>>("scores", batch.SeriesScores));
        series.Parameters.Add(new NpgsqlParameter<List<decimal>>("velocities", batch.SeriesVelocities));
        series.Parameters.Add(new NpgsqlParameter<List<decimal>>("growths", batch.SeriesGrowths));

        var keywords = Add(command, UpdateKeywordsSql);
        AddRange(keywords, batch);
        AddMomenta(keywords, batch);
        keywords.Parameters.Add(new NpgsqlParameter("extras", NpgsqlDbType.Array | NpgsqlDbType.Jsonb) { Value = batch.Extras });

        var done = Add(command, DeleteDueSql);
        AddRange(done, batch);
        done.Parameters.Add(new NpgsqlParameter<List<string>>("terms", batch.DoneTerms));
        done.Parameters.Add(new NpgsqlParameter<List<long>>("versions", batch.DoneVersions));

        await command.ExecuteNonQueryAsync(cancellationToken);
        return ((int)series.RecordsAffected, (int)keywords.RecordsAffected);
    }

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command;
    }

    // A batch is a range of terms in the order of the database: with its ends, a join reads that part of an index and not
    // all that there is.
    private static void AddRange(NpgsqlBatchCommand command, TrendBatch batch)
    {
        command.Parameters.Add(new NpgsqlParameter<string>("first", batch.DoneTerms[0]));
        command.Parameters.Add(new NpgsqlParameter<string>("last", batch.DoneTerms[^1]));
    }

    private static void AddMomenta(NpgsqlBatchCommand command, TrendBatch batch)
    {
        command.Parameters.Add(new NpgsqlParameter<List<string>>("terms", batch.Terms));
        command.Parameters.Add(new NpgsqlParameter<List<decimal>>("momenta", batch.Momenta));
    }

    private async Task<IReadOnlyList<DueTerm>> ReadAsync(
        string sql, string after, int count, TrendReadScope scope, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("today", scope.Today));
        command.Parameters.Add(new NpgsqlParameter<int>("historyDays", scope.HistoryDays));
        command.Parameters.Add(new NpgsqlParameter<bool>("pushed", scope.IncludePushed));
        command.Parameters.Add(new NpgsqlParameter<string[]>("fetched", scope.FetchedSources));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<DueTerm>();
        DueTerm? current = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var term = reader.GetString(0);
            if (current?.Term != term)
            {
                current = new DueTerm(term, reader.IsDBNull(1) ? null : reader.GetFieldValue<DateOnly>(1), reader.GetInt64(2));
                due.Add(current);
            }

            if (!reader.IsDBNull(3))
            {
                current.Add(reader.GetString(3), new Reading(reader.GetFieldValue<DateOnly>(4), reader.GetDouble(5)));
            }
        }

        return due;
    }
}

/// <summary>Which readings a run looks at.</summary>
/// <param name="Today">UTC day of the run.</param>
/// <param name="HistoryDays">Days read beside the new ones.</param>
/// <param name="IncludePushed">False: only readings of <paramref name="FetchedSources"/>.</param>
/// <param name="FetchedSources">Names of the series that the run's own sources fill.</param>
internal sealed record TrendReadScope(DateOnly Today, int HistoryDays, bool IncludePushed, string[] FetchedSources);
