using Npgsql;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>The server named by <c>LEXYHUB_TEST_DATABASE</c>, and fresh databases on any server.</summary>
internal static class TestDatabase
{
    public const string Variable = "LEXYHUB_TEST_DATABASE";

    /// <summary>An Npgsql connection string to a PostgreSQL with pgvector whose user may create databases; null where not set.</summary>
    public static string? Server =>
        Environment.GetEnvironmentVariable(Variable) is { } value && value.Trim().Length > 0 ? value : null;

    /// <returns>The connection string of a new, empty database.</returns>
    public static async Task<string> CreateAsync(string server)
    {
        var name = $"lexyhub_test_{Guid.NewGuid():N}";
        await ExecuteAsync(server, $"create database {name} template template0");
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    public static async Task DropAsync(string server, string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await ExecuteAsync(server, $"drop database if exists {name} with (force)");
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        // Not pooled: a connection left in a pool would keep a test's server or database from going away.
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
        await using var connection = new NpgsqlConnection(unpooled);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
