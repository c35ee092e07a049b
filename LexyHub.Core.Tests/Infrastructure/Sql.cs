using System.Globalization;
using Npgsql;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>Statements of a test, each on a connection of its own that no pool keeps.</summary>
internal static class Sql
{
    public static Task ExecuteAsync(string connectionString, string sql) => TestDatabase.ExecuteAsync(connectionString, sql);

    /// <returns>The first column of all rows, as text.</returns>
    public static async Task<IReadOnlyList<string>> RowsAsync(string connectionString, string sql)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
        await using var connection = new NpgsqlConnection(unpooled);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.IsDBNull(0) ? "" : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return rows;
    }

    /// <returns>The one value, as text; empty where it is null.</returns>
    public static async Task<string> ValueAsync(string connectionString, string sql) => Assert.Single(await RowsAsync(connectionString, sql));
}
