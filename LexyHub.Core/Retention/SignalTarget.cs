using System.Text.Json;
using Npgsql;

namespace LexyHub.Core.Retention;

/// <summary>Old readings. There may be many millions, and no index by day: they are gone through by their key, a window at a time.</summary>
internal sealed class SignalTarget : RetentionTarget
{
    private const int Window = 20_000;

    private const string Sql = """
        with page as materialized (
            select term, source, recorded_on from lexyhub_jobs.signals
            where (term, source, recorded_on) > (@term, @source, @day) order by term, source, recorded_on limit @count
        ), gone as (
            delete from lexyhub_jobs.signals s using page p
            where p.recorded_on < @before and s.term = p.term and s.source = p.source and s.recorded_on = p.recorded_on
            returning 1
        )
        select (select count(*) from gone), (select count(*) from page), last.term, last.source, last.recorded_on
        from (select * from page order by term desc, source desc, recorded_on desc limit 1) last
        """;

    public override string Name => "signals";

    public override TimeSpan Keep(RetentionOptions options) => options.Signals;

    public override async Task<PrunedBatch> PruneAsync(
        NpgsqlConnection connection, DateTimeOffset before, string? place, CancellationToken cancellationToken)
    {
        var from = place is null ? new Key("", "", DateOnly.MinValue) : JsonSerializer.Deserialize<Key>(place)!;
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("term", from.Term),
                new NpgsqlParameter<string>("source", from.Source),
                new NpgsqlParameter<DateOnly>("day", from.Day),
                new NpgsqlParameter<DateOnly>("before", DateOnly.FromDateTime(before.UtcDateTime)),
                new NpgsqlParameter<int>("count", Window),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return new PrunedBatch(0, null, HasMore: false);
        }

        var last = new Key(reader.GetString(2), reader.GetString(3), reader.GetFieldValue<DateOnly>(4));
        return new PrunedBatch(reader.GetInt64(0), JsonSerializer.Serialize(last), HasMore: reader.GetInt64(1) == Window);
    }

    private sealed record Key(string Term, string Source, DateOnly Day);
}
