using LexyHub.Core.Trends;
using LexyHub.Core.Trends.Sources;
using Npgsql;

namespace LexyHub.Core.Imports;

internal sealed record SignalRow(long Line, Signal Signal) : IImportRow;

/// <summary>Writes signals, and tells new ones from those that were there.</summary>
internal sealed class SignalImportStore(SignalOrigin origin)
{
    private const string CountSql = """
        select count(*)
        from unnest(@terms, @sources, @days) as g (term, source, recorded_on)
        join lexyhub_jobs.signals s using (term, source, recorded_on)
        """;

    public async Task<BatchCounts> UpsertAsync(
        NpgsqlConnection connection, IReadOnlyList<SignalRow> rows, CancellationToken cancellationToken)
    {
        // The last of several readings of one day counts, as it would if they came in two batches.
        var latest = new Dictionary<(string, string, DateOnly), Signal>(rows.Count);
        foreach (var (_, signal) in rows)
        {
            latest[(signal.Term, signal.Source, signal.RecordedOn)] = signal;
        }

        var signals = latest.Values.ToList();
        var known = await CountKnownAsync(connection, signals, cancellationToken);
        var written = await SignalStore.UpsertAsync(connection, signals, origin, cancellationToken);
        var added = Math.Min(written, signals.Count - known);
        return new BatchCounts(added, written - added, rows.Count - written);
    }

    private static async Task<int> CountKnownAsync(NpgsqlConnection connection, List<Signal> signals, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CountSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]>("terms", [.. signals.Select(s => s.Term)]),
                new NpgsqlParameter<string[]>("sources", [.. signals.Select(s => s.Source)]),
                new NpgsqlParameter<DateOnly[]>("days", [.. signals.Select(s => s.RecordedOn)]),
            },
        };
        return (int)(long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
