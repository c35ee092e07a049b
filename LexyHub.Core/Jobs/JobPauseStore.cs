using LexyHub.Core.Data;
using Npgsql;
using NpgsqlTypes;

namespace LexyHub.Core.Jobs;

/// <summary>Pauses jobs, resumes them and says which are paused. A pause that has run out counts as none.</summary>
public sealed class JobPauseStore(LexyHubDatabase database)
{
    /// <summary>All pauses in force.</summary>
    internal const string ReadAllSql = """
        select paused_by, reason, since, until, job from lexyhub_jobs.job_pauses where until is null or until > clock_timestamp()
        """;

    private const string FindSql = """
        select paused_by, reason, since, until from lexyhub_jobs.job_pauses
        where job = @job and (until is null or until > clock_timestamp())
        """;

    private const string PauseSql = """
        insert into lexyhub_jobs.job_pauses (job, paused_by, reason, until) values (@job, @by, @reason, @until)
        on conflict (job) do update
        set paused_by = excluded.paused_by, reason = excluded.reason, since = clock_timestamp(), until = excluded.until
        returning paused_by, reason, since, until
        """;

    private const string ResumeSql = """
        delete from lexyhub_jobs.job_pauses where job = @job returning until is null or until > clock_timestamp()
        """;

    /// <returns>The pauses in force, by job.</returns>
    public async Task<IReadOnlyDictionary<string, JobPause>> ReadAllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ReadAllSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadAllAsync(reader, cancellationToken);
    }

    /// <summary>Pauses the job, or replaces its pause. A run under way goes on to its end.</summary>
    /// <param name="job">A job of the catalogue.</param>
    /// <param name="by">Checked by <see cref="JobPause.Check"/>, as is the rest.</param>
    /// <param name="reason">For whoever wonders.</param>
    /// <param name="until">UTC; null until somebody resumes it.</param>
    /// <param name="cancellationToken">Ends the statement.</param>
    public async Task<JobPause> PauseAsync(string job, string by, string reason, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(PauseSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<string>("job", job),
                new NpgsqlParameter<string>("by", by),
                new NpgsqlParameter<string>("reason", reason),
                new("until", NpgsqlDbType.TimestampTz) { Value = until is { } end ? end.UtcDateTime : DBNull.Value },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return Read(reader);
    }

    /// <returns>True where it was paused.</returns>
    public async Task<bool> ResumeAsync(string job, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ResumeSql, connection) { Parameters = { new NpgsqlParameter<string>("job", job) } };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <returns>The rows of <see cref="ReadAllSql"/>, by job.</returns>
    internal static async Task<IReadOnlyDictionary<string, JobPause>> ReadAllAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var pauses = new Dictionary<string, JobPause>();
        while (await reader.ReadAsync(cancellationToken))
        {
            pauses[reader.GetString(4)] = Read(reader);
        }

        return pauses;
    }

    /// <returns>The job's pause that is in force, or null.</returns>
    internal static async Task<JobPause?> FindAsync(NpgsqlConnection connection, string job, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindSql, connection) { Parameters = { new NpgsqlParameter<string>("job", job) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private static JobPause Read(NpgsqlDataReader reader)
        => new(
            reader.GetString(0),
            reader.GetString(1),
            reader.GetFieldValue<DateTimeOffset>(2),
            reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3));
}
