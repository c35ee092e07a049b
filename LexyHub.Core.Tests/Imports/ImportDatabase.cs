using LexyHub.Core.Data;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LexyHub.Core.Tests.Imports;

/// <summary>A migrated database of one test.</summary>
internal sealed class ImportDatabase : IAsyncDisposable
{
    private ImportDatabase(string connectionString)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:LexyHub", connectionString)])
            .Build();
        Database = new LexyHubDatabase(configuration, Options.Create(new DatabaseOptions()), NullLoggerFactory.Instance);
    }

    public LexyHubDatabase Database { get; }

    /// <param name="before">What is in the database before the migrations: LexyHub's own tables.</param>
    public static async Task<ImportDatabase> CreateAsync(NativePostgres postgres, string before = "")
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        if (before.Length > 0)
        {
            await TestDatabase.ExecuteAsync(connectionString, before);
        }

        var database = new ImportDatabase(connectionString);
        await new Migrator(database.Database).ApplyAsync([MigrationSet.Core], CancellationToken.None);
        return database;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The rows, each with its columns joined by <c>|</c>.</summary>
    public async Task<List<string>> ReadAsync(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            var values = Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : Text(reader.GetValue(i)));
            rows.Add(string.Join('|', values));
        }

        return rows;
    }

    public async Task<long> CountAsync(string table)
        => long.Parse((await ReadAsync($"select count(*) from {table}"))[0], System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearPool(new NpgsqlConnection(Database.DataSource.ConnectionString));
        await Database.DisposeAsync();
    }

    private static string Text(object value) => value switch
    {
        DateOnly day => day.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        DateTime moment => DateOnly.FromDateTime(moment).ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };
}
