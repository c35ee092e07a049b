using LexyHub.Core.Data;
using LexyHub.Core.Jobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LexyHub.Benchmarks;

/// <summary>A fresh, migrated database on the server that <c>LEXYHUB_BENCH_DATABASE</c> names; dropped on disposal.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    public const string SettingName = "LEXYHUB_BENCH_DATABASE";

    private readonly string server;
    private readonly string name;

    private BenchmarkDatabase(string server, string name, ServiceProvider services)
    {
        this.server = server;
        this.name = name;
        Services = services;
    }

    /// <summary>The product's own services over the database.</summary>
    public ServiceProvider Services { get; }

    /// <summary>For another process.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;

    public NpgsqlDataSource DataSource => Services.GetRequiredService<LexyHubDatabase>().DataSource;

    public JobRunner Runner => Services.GetRequiredService<JobRunner>();

    /// <returns>The server's connection string; null, with a message printed, where none is given.</returns>
    public static string? FindServer()
    {
        if (Environment.GetEnvironmentVariable(SettingName) is { Length: > 0 } server)
        {
            return server;
        }

        Console.Error.WriteLine($"Set {SettingName} to a PostgreSQL server on which databases may be made, for example \"Host=127.0.0.1;Username=postgres\".");
        return null;
    }

    /// <param name="server">Where databases may be made.</param>
    /// <param name="sets">Migrations to apply.</param>
    /// <param name="addJobs">Registers the jobs to be measured.</param>
    /// <param name="settings">Configuration beside the connection, by key.</param>
    public static async Task<BenchmarkDatabase> CreateAsync(
        string server, MigrationSet[] sets, Action<IServiceCollection> addJobs, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var name = $"lexyhub_bench_{Guid.NewGuid():N}";
        await ExecuteAsync(server, $"create database {name}");
        var connection = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>()) { ["ConnectionStrings:LexyHub"] = connection })
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddLogging(logging => logging.AddFilter(level => level >= LogLevel.Warning).AddSimpleConsole());
        services.AddJobs();
        addJobs(services);
        var database = new BenchmarkDatabase(server, name, services.BuildServiceProvider());
        await database.Services.GetRequiredService<Migrator>().ApplyAsync(sets, CancellationToken.None);
        return database;
    }

    /// <summary>Runs statements, one by one.</summary>
    public async Task ExecuteAsync(params string[] statements)
    {
        foreach (var statement in statements)
        {
            await using var command = DataSource.CreateCommand(statement);
            command.CommandTimeout = 600;
            await command.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        await ExecuteAsync(server, $"drop database {name} with (force)");
    }

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
