using LexyHub.Core.Trends.Sources;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Trends;

/// <summary>The landing table of readings, <c>lexyhub_jobs.signals</c>, with the terms that they make due.</summary>
public static class SignalStore
{
    private const string UpsertSql = """
        with changed as (
            insert into lexyhub_jobs.signals as s (term, source, recorded_on, value)
            select * from unnest(@terms, @sources, @days, @values)
            on conflict (term, source, recorded_on) do update set value = excluded.value
            where s.value is distinct from excluded.value
            returning term, recorded_on
        ), noted as (
            insert into lexyhub_jobs.trend_due as d (term, since)
            select term, min(recorded_on) from changed group by term order by term
            on conflict (term) do update set since = least(d.since, excluded.since), version = d.version + 1
        )
        select count(*) from changed
        """;

    private const string ReadScalesSql = """
        select source, scale, declared, max_value from lexyhub_jobs.signal_sources where source = any (@sources)
        """;

    // Two first imports of one source would each judge its scale by their own values, and the smaller scale could be written last.
    // The key is an arbitrary constant of ours.
    private const string LockScalesSql = "select pg_advisory_xact_lock(1818589307)";

    private const string WriteScaleSql = """
        insert into lexyhub_jobs.signal_sources as s (source, scale, declared, pushed, max_value)
        values (@source, @scale, @declared, @pushed, @max)
        on conflict (source) do update
        set scale = excluded.scale, declared = excluded.declared, pushed = excluded.pushed, max_value = greatest(s.max_value, excluded.max_value)
        """;

    // Seldom: when a source's scale turns out to be another one, all that was made of it is due again.
    private const string MakeSourceDueSql = """
        insert into lexyhub_jobs.trend_due as d (term, since)
        select term, min(recorded_on) from lexyhub_jobs.signals where source = @source group by term order by term
        on conflict (term) do update set since = least(d.since, excluded.since), version = d.version + 1
        """;

    /// <summary>Upserts readings and notes their terms as due, within the caller's transaction.</summary>
    /// <param name="connection">Open, with a transaction begun.</param>
    /// <param name="signals">No two share term, source and day.</param>
    /// <param name="origin">Who brings them, and whether their scale is known.</param>
    /// <param name="cancellationToken">Ends the statements.</param>
    /// <returns>Readings inserted or changed.</returns>
    /// <exception cref="PostgresException">21000: two readings share a key. 23514: a value is out of range.</exception>
    public static async Task<int> UpsertAsync(
        NpgsqlConnection connection, IReadOnlyList<Signal> signals, SignalOrigin origin, CancellationToken cancellationToken)
    {
        if (signals.Count == 0)
        {
            return 0;
        }

        await UpdateScalesAsync(connection, signals, origin, cancellationToken);

        // In one order everywhere, so that two writers wait for each other and do not lock each other out.
        var ordered = signals.OrderBy(s => s.Term, StringComparer.Ordinal).ThenBy(s => s.Source, StringComparer.Ordinal)
            .ThenBy(s => s.RecordedOn).ToList();
        await using var command = new NpgsqlCommand(UpsertSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]>("terms", [.. ordered.Select(s => s.Term)]),
                new NpgsqlParameter<string[]>("sources", [.. ordered.Select(s => s.Source)]),
                new NpgsqlParameter<DateOnly[]>("days", [.. ordered.Select(s => s.RecordedOn)]),
                new NpgsqlParameter<double[]>("values", [.. ordered.Select(s => s.Value)]),
            },
        };
        return (int)(long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Makes all terms of a source due, from its first reading on.</summary>
    internal static async Task MakeSourceDueAsync(NpgsqlConnection connection, string source, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MakeSourceDueSql, connection) { Parameters = { new NpgsqlParameter<string>("source", source) } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task UpdateScalesAsync(
        NpgsqlConnection connection, IReadOnlyList<Signal> signals, SignalOrigin origin, CancellationToken cancellationToken)
    {
        var declared = origin != SignalOrigin.PushedUndeclared;
        var wanted = signals
            .GroupBy(s => s.Source, StringComparer.Ordinal)
            .Select(g => (Source: g.Key, g.First().Scale, Max: g.Max(s => s.Value)))
            .OrderBy(s => s.Source, StringComparer.Ordinal)
            .ToList();
        var names = wanted.ConvertAll(s => s.Source).ToArray();
        var known = await ReadScalesAsync(connection, names, cancellationToken);
        if (!wanted.Exists(s => ScaleToWrite(known, s.Source, s.Scale, s.Max, declared) is not null))
        {
            return;
        }

        await using (var wait = new NpgsqlCommand(LockScalesSql, connection))
        {
            await wait.ExecuteNonQueryAsync(cancellationToken);
        }

        known = await ReadScalesAsync(connection, names, cancellationToken);
        foreach (var (source, scale, max) in wanted)
        {
            if (ScaleToWrite(known, source, scale, max, declared) is not { } effective)
            {
                continue;
            }

            await using (var write = new NpgsqlCommand(WriteScaleSql, connection))
            {
                write.Parameters.Add(new NpgsqlParameter<string>("source", source));
                write.Parameters.Add(new NpgsqlParameter<string>("scale", ToColumn(effective)));
                write.Parameters.Add(new NpgsqlParameter<bool>("declared", declared));
                write.Parameters.Add(new NpgsqlParameter<bool>("pushed", origin != SignalOrigin.Fetched));
                write.Parameters.Add(new NpgsqlParameter<double>("max", max));
                await write.ExecuteNonQueryAsync(cancellationToken);
            }

            if (known.TryGetValue(source, out var stored) && stored.Scale != effective)
            {
                await MakeSourceDueAsync(connection, source, cancellationToken);
            }
        }
    }

    /// <returns>Null where what is stored holds.</returns>
    private static SignalScale? ScaleToWrite(
        Dictionary<string, (SignalScale Scale, bool Declared, double Max)> known, string source, SignalScale scale, double max, bool declared)
    {
        if (!known.TryGetValue(source, out var stored))
        {
            return declared ? scale : Infer(max);
        }

        if (!declared && stored.Declared)
        {
            // Somebody has said what this source's values mean; a file that does not say leaves it so.
            return null;
        }

        var effective = declared ? scale : Infer(Math.Max(max, stored.Max));
        return stored.Scale == effective && stored.Declared == declared && stored.Max >= max ? null : effective;
    }

    private static async Task<Dictionary<string, (SignalScale Scale, bool Declared, double Max)>> ReadScalesAsync(
        NpgsqlConnection connection, string[] sources, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadScalesSql, connection)
        {
            Parameters = { new("sources", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = sources } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var scales = new Dictionary<string, (SignalScale, bool, double)>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            scales.Add(reader.GetString(0), (FromColumn(reader.GetString(1)), reader.GetBoolean(2), reader.GetDouble(3)));
        }

        return scales;
    }

    private static SignalScale Infer(double largest)
        => largest switch
        {
            <= 1 => SignalScale.Unit,
            <= 100 => SignalScale.Index,
            _ => SignalScale.Count,
        };

    internal static string ToColumn(SignalScale scale)
        => scale switch
        {
            SignalScale.Unit => "unit",
            SignalScale.Index => "index",
            SignalScale.Count => "count",
            SignalScale.Percent => "percent",
            _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, null),
        };

    internal static SignalScale FromColumn(string scale)
        => scale switch
        {
            "unit" => SignalScale.Unit,
            "index" => SignalScale.Index,
            "count" => SignalScale.Count,
            "percent" => SignalScale.Percent,
            _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, null),
        };
}
