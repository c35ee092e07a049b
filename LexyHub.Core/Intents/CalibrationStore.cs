using Npgsql;

namespace LexyHub.Core.Intents;

/// <summary>Confidence maps by model and prompt version, fitted by <c>lexyhub intents calibrate</c>.</summary>
public static class CalibrationStore
{
    private const string ReadSql = "select map from lexyhub_jobs.intent_calibrations where model = @model and prompt_version = @version";

    private const string WriteSql = """
        insert into lexyhub_jobs.intent_calibrations (model, prompt_version, map, fitted_at) values (@model, @version, @map, @now)
        on conflict (model, prompt_version) do update set map = excluded.map, fitted_at = excluded.fitted_at
        """;

    /// <returns>Null where none has been fitted.</returns>
    public static async Task<ConfidenceMap?> ReadAsync(
        NpgsqlDataSource dataSource, string model, int promptVersion, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<string>("model", model));
        command.Parameters.Add(new NpgsqlParameter<int>("version", promptVersion));
        return await command.ExecuteScalarAsync(cancellationToken) is string map ? CalibrationFile.Parse(new StringReader(map)) : null;
    }

    public static async Task WriteAsync(
        NpgsqlDataSource dataSource, string model, int promptVersion, ConfidenceMap map, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(WriteSql);
        command.Parameters.Add(new NpgsqlParameter<string>("model", model));
        command.Parameters.Add(new NpgsqlParameter<int>("version", promptVersion));
        command.Parameters.Add(new NpgsqlParameter<string>("map", CalibrationFile.Write(map)));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
