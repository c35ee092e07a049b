using LexyHub.Core.Data.Embedded;
using Npgsql;

namespace LexyHub.Core.Tests.Data.Embedded;

/// <summary>An embedded PostgreSQL in memory, whatever <c>LEXYHUB_TEST_DATABASE</c> says: it is what is tested here.</summary>
public sealed class EmbeddedPostgresFixture : IAsyncLifetime
{
    private EmbeddedPostgres? postgres;

    public string ConnectionString => postgres!.ConnectionString;

    public int Port => new NpgsqlConnectionStringBuilder(ConnectionString).Port;

    public string Password => new NpgsqlConnectionStringBuilder(ConnectionString).Password!;

    /// <summary>A connection of its own, never one of a pool.</summary>
    public Task<NpgsqlConnection> OpenAsync(string more = "") => Sql.OpenAsync(ConnectionString, more);

    public async Task InitializeAsync()
    {
        postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataDirectory = null }, CancellationToken.None);
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync("create extension vector");
    }

    public async Task DisposeAsync() => await postgres!.DisposeAsync();
}

internal static class Sql
{
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString, string more = "")
    {
        var connection = new NpgsqlConnection($"{connectionString};Pooling=false;{more}");
        await connection.OpenAsync();
        return connection;
    }

    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ScalarAsync<T>(this NpgsqlConnection connection, string sql, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
