using LexyHub.Core.Trends.Sources;
using Npgsql;

namespace LexyHub.Core.Trends;

/// <summary>What is known of each source: its scale, its high level, its median momentum, when it was last read.</summary>
internal sealed class SignalSourceStore(NpgsqlDataSource dataSource)
{
    private const string ReadSql = """
        select source, scale, pushed, reference, referenced_on, median_momentum, median_on, last_read_at
        from lexyhub_jobs.signal_sources
        """;

    // 400 days: a year with its seasons, and a little more.
    private const string ReadReferenceSql = """
        select percentile_disc(0.99) within group (order by value)
        from lexyhub_jobs.signals where source = @source and value > 0 and recorded_on >= @today - 400
        """;

    private const string WriteReferenceSql = """
        update lexyhub_jobs.signal_sources set reference = @reference, referenced_on = @today where source = @source
        """;

    private const string WriteMedianSql = """
        update lexyhub_jobs.signal_sources set median_momentum = @median, median_on = @today where source = @source
        """;

    private const string WriteReadSql = """
        update lexyhub_jobs.signal_sources set last_read_at = @now where source = @source
        """;

    private const string WriteTermsReadSql = """
        insert into lexyhub_jobs.source_reads (source, term, read_at)
        select @source, term, @now from unnest(@terms) as term
        on conflict (source, term) do update set read_at = excluded.read_at
        """;

    private const string KnownTermsSql = """
        select distinct term from lexyhub_jobs.keyword_terms where term <> ''
        """;

    private const string LeastRecentlyReadSql = """
        select k.term
        from (select distinct term from lexyhub_jobs.keyword_terms where term <> '') k
        left join lexyhub_jobs.source_reads r on r.source = @source and r.term = k.term
        order by r.read_at nulls first, k.term
        limit @count
        """;

    public async Task<IReadOnlyList<SignalSource>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sources = new List<SignalSource>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sources.Add(new SignalSource(
                reader.GetString(0),
                SignalStore.FromColumn(reader.GetString(1)),
                reader.GetBoolean(2),
                reader.GetDouble(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<DateOnly>(4),
                reader.IsDBNull(5) ? null : reader.GetDouble(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateOnly>(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7)));
        }

        return sources;
    }

    /// <returns>The 99th percentile of the source's positive values in 400 days; 0 where there are none.</returns>
    public async Task<double> ReadReferenceAsync(string source, DateOnly today, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadReferenceSql);
        command.Parameters.Add(new NpgsqlParameter<string>("source", source));
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("today", today));
        return await command.ExecuteScalarAsync(cancellationToken) as double? ?? 0;
    }

    public static Task WriteReferenceAsync(
        NpgsqlConnection connection, string source, double reference, DateOnly today, CancellationToken cancellationToken)
        => ExecuteAsync(
            connection,
            WriteReferenceSql,
            cancellationToken,
            new NpgsqlParameter<string>("source", source),
            new NpgsqlParameter<double>("reference", reference),
            new NpgsqlParameter<DateOnly>("today", today));

    public static Task WriteMedianAsync(
        NpgsqlConnection connection, string source, double median, DateOnly today, CancellationToken cancellationToken)
        => ExecuteAsync(
            connection,
            WriteMedianSql,
            cancellationToken,
            new NpgsqlParameter<string>("source", source),
            new NpgsqlParameter<double>("median", median),
            new NpgsqlParameter<DateOnly>("today", today));

    /// <summary>Notes that a source was read to its end.</summary>
    public static Task WriteReadAsync(NpgsqlConnection connection, string source, DateTimeOffset now, CancellationToken cancellationToken)
        => ExecuteAsync(
            connection,
            WriteReadSql,
            cancellationToken,
            new NpgsqlParameter<string>("source", source),
            new NpgsqlParameter<DateTimeOffset>("now", now));

    /// <summary>Notes that a source has answered for those terms.</summary>
    public static Task WriteTermsReadAsync(
        NpgsqlConnection connection, string source, IReadOnlyList<string> terms, DateTimeOffset now, CancellationToken cancellationToken)
        => ExecuteAsync(
            connection,
            WriteTermsReadSql,
            cancellationToken,
            new NpgsqlParameter<string>("source", source),
            new NpgsqlParameter<string[]>("terms", [.. terms.Distinct().Order(StringComparer.Ordinal)]),
            new NpgsqlParameter<DateTimeOffset>("now", now));

    /// <returns>Every known keyword in normal form.</returns>
    public async Task<IReadOnlyList<string>> ReadKnownTermsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(KnownTermsSql);
        return await ReadTermsAsync(command, cancellationToken);
    }

    /// <returns>Known terms: those that the source never answered for first, then the longest ago.</returns>
    public async Task<IReadOnlyList<string>> ReadLeastRecentlyReadTermsAsync(string source, int count, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(LeastRecentlyReadSql);
        command.Parameters.Add(new NpgsqlParameter<string>("source", source));
        command.Parameters.Add(new NpgsqlParameter<int>("count", count));
        return await ReadTermsAsync(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<string>> ReadTermsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var terms = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            terms.Add(reader.GetString(0));
        }

        return terms;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>A row of <c>lexyhub_jobs.signal_sources</c>.</summary>
/// <param name="Name">The series' name, as in <c>trend_series.source</c>.</param>
/// <param name="Scale">What its values mean.</param>
/// <param name="Pushed">Filled by importers.</param>
/// <param name="Reference">The level that scores 1 on the scale <see cref="SignalScale.Count"/>; 0 while it is not known.</param>
/// <param name="ReferencedOn">UTC day on which the reference was last looked at.</param>
/// <param name="MedianMomentum">Of its terms, 0–1; null while it is not known.</param>
/// <param name="MedianOn">UTC day on which the median was taken.</param>
/// <param name="LastReadAt">When it was last read to its end; null for pushed ones.</param>
internal sealed record SignalSource(
    string Name,
    SignalScale Scale,
    bool Pushed,
    double Reference,
    DateOnly? ReferencedOn,
    double? MedianMomentum,
    DateOnly? MedianOn,
    DateTimeOffset? LastReadAt);
