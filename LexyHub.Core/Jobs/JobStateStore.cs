using Npgsql;

namespace LexyHub.Core.Jobs;

/// <summary>Small facts that outlive a run, by name; the value is JSON.</summary>
internal static class JobStateStore
{
    private const string ReadSql = "select value #>> '{}' from lexyhub_jobs.job_state where name = @name";

    private const string WriteSql = """
        insert into lexyhub_jobs.job_state (name, value) values (@name, to_jsonb(@value))
        on conflict (name) do update set value = excluded.value, updated_at = clock_timestamp()
        """;

    /// <returns>The text, or null where there is none.</returns>
    public static async Task<string?> ReadAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ReadSql, connection) { Parameters = { new NpgsqlParameter<string>("name", name) } };
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    public static async Task WriteAsync(NpgsqlConnection connection, string name, string value, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(WriteSql, connection)
        {
            Parameters = { new NpgsqlParameter<string>("name", name), new NpgsqlParameter<string>("value", value) },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
