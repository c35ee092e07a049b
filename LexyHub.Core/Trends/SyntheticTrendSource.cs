using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using LexyHub.Core.Trends.Sources;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LexyHub.Core.Trends;

/// <summary>What LexyHub's own data shows: how views and favourites of listings grew, and which were published, per tag of
/// the listing and per known keyword in its title, a UTC day. Whole days only, read once a day.</summary>
public sealed class SyntheticTrendSource(LexyHubDatabase database, IOptions<TrendOptions> options) : ITrendSource
{
    /// <summary>Name of its series.</summary>
    public const string SourceName = "synthetic";

    // Statistics may arrive late: the last days are read again.
    private const int LateDays = 3;

    // A listing without a row for this long starts anew; its growth since is nobody's day.
    private const int LongestGapDays = 14;

    private const int BatchSize = 20_000;

    private const string LastDaySql = """
        select max(recorded_on) from lexyhub_jobs.signals where source = @source
        """;

    private const string LastReadSql = """
        select last_read_at from lexyhub_jobs.signal_sources where source = @source
        """;

    private const string AnythingSql = """
        select exists (select from listing_stats where recorded_on >= @from and recorded_on < @today)
            or exists (select from listings where published_at >= @from::timestamp at time zone 'UTC')
        """;

    // Growth since the row before, spread over the days between the two. By day: only one day's terms are held at a time.
    private const string InterestSql = """
        with stats as (
            select listing_id, recorded_on, views, favorites,
                lag(views) over earlier as views_before,
                lag(favorites) over earlier as favorites_before,
                lag(recorded_on) over earlier as day_before
            from listing_stats
            where recorded_on >= @from - @gap and recorded_on < @today
            window earlier as (partition by listing_id order by recorded_on)
        ), interest as (
            select listing_id, recorded_on as day,
                case when @totals
                    then (greatest(coalesce(views - views_before, 0), 0) + @favorite * greatest(coalesce(favorites - favorites_before, 0), 0))
                        / greatest(recorded_on - day_before, 1)
                    else coalesce(views, 0) + @favorite * coalesce(favorites, 0)
                end as value
            from stats
            where recorded_on >= @from and (not @totals or (day_before is not null and recorded_on - day_before <= @gap))
            union all
            select id, (published_at at time zone 'UTC')::date, @published
            from listings
            where published_at >= @from::timestamp at time zone 'UTC' and published_at < @today::timestamp at time zone 'UTC'
        )
        select i.day, coalesce(l.title, ''), i.value::double precision,
            coalesce((select array_agg(t.tag) from listing_tags t where t.listing_id = i.listing_id and t.tag is not null), '{}') as tags
        from (select listing_id, day, sum(value) as value from interest group by listing_id, day) i
        join listings l on l.id = i.listing_id
        order by i.day
        """;

    public string Name => SourceName;

    public string? NotConfiguredReason => options.Value.Synthetic.Enabled ? null : "Trends:Synthetic:Enabled is false.";

    public async IAsyncEnumerable<SignalBatch> FetchAsync(
        TrendSourceContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await ReadFirstDayAsync(context.Today, cancellationToken) is not { } from)
        {
            yield break;
        }

        await foreach (var (day, byTerm) in ReadDaysAsync(context, from, cancellationToken))
        {
            foreach (var chunk in byTerm
                .Select(entry => new Signal(entry.Key, SourceName, day, entry.Value, SignalScale.Count))
                .OrderBy(signal => signal.Term, StringComparer.Ordinal)
                .Chunk(BatchSize))
            {
                yield return new SignalBatch(chunk);
            }
        }
    }

    /// <returns>The first day to read; null where there is nothing, or it was read today already.</returns>
    private async Task<DateOnly?> ReadFirstDayAsync(DateOnly today, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var readOn = await ReadScalarAsync(connection, LastReadSql, cancellationToken) is DateTime readAt ? DateOnly.FromDateTime(readAt) : (DateOnly?)null;
        if (readOn >= today)
        {
            return null;
        }

        var from = today.AddDays(-options.Value.Synthetic.HistoryDays);
        await using (var anything = new NpgsqlCommand(AnythingSql, connection))
        {
            anything.Parameters.Add(new NpgsqlParameter<DateOnly>("from", from));
            anything.Parameters.Add(new NpgsqlParameter<DateOnly>("today", today));
            if (await anything.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return null;
            }
        }

        // The last day of the signals alone would not do: a reading that was cut short has brought that day for some terms only.
        if (readOn is not { } completed)
        {
            return from;
        }

        // Looked at once a day: no index leads to a source's last day.
        var last = await ReadScalarAsync(connection, LastDaySql, cancellationToken) as DateOnly? ?? from;
        var next = (last < completed ? last : completed.AddDays(-1)).AddDays(-LateDays);
        return next > from ? next : from;
    }

    private static async Task<object?> ReadScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter<string>("source", SourceName) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) && !await reader.IsDBNullAsync(0, cancellationToken)
            ? reader.GetFieldType(0) == typeof(DateTime) && reader.GetDataTypeName(0) == "date" ? reader.GetFieldValue<DateOnly>(0) : reader.GetValue(0)
            : null;
    }

    // Each day's terms with their interest. The same dictionary serves every day.
    private async IAsyncEnumerable<(DateOnly Day, Dictionary<string, double> ByTerm)> ReadDaysAsync(
        TrendSourceContext context, DateOnly from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var matcher = new KeywordMatcher(await context.GetKnownTermsAsync(cancellationToken));
        var synthetic = options.Value.Synthetic;
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(InterestSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<DateOnly>("from", from),
                new NpgsqlParameter<DateOnly>("today", context.Today),
                new NpgsqlParameter<int>("gap", LongestGapDays),
                new NpgsqlParameter<bool>("totals", synthetic.StatsAreTotals),
                new NpgsqlParameter<double>("favorite", synthetic.FavoriteWeight),
                new NpgsqlParameter<double>("published", synthetic.NewListingWeight),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var interest = new Dictionary<string, double>(StringComparer.Ordinal);
        var terms = new HashSet<string>(StringComparer.Ordinal);
        DateOnly? current = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var day = reader.GetFieldValue<DateOnly>(0);
            if (current is { } ended && ended != day)
            {
                yield return (ended, interest);
                interest.Clear();
            }

            current = day;
            var value = reader.GetDouble(2);

            // A term counts a listing once, whether it is a tag, in the title, or both.
            terms.Clear();
            terms.UnionWith(matcher.Find(reader.GetString(1)));
            foreach (var tag in reader.GetFieldValue<string[]>(3))
            {
                if (TermText.Normalize(tag) is { Length: > 0 and <= KeywordTerms.MaxLength } term)
                {
                    terms.Add(term);
                }
            }

            foreach (var term in terms)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(interest, term, out _) += value;
            }
        }

        if (current is { } last)
        {
            yield return (last, interest);
        }
    }
}
