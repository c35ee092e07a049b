using LexyHub.Core.Data;
using LexyHub.Core.Data.Embedded;
using LexyHub.Core.Providers;
using Microsoft.Extensions.Configuration;

namespace LexyHub.Cli.Hosting;

/// <summary>The settings of a command with a database in them: the one configured, else an embedded one that lives as long as this.</summary>
internal sealed class DatabaseSession : IAsyncDisposable
{
    private readonly IEmbeddedDatabase? embedded;

    private DatabaseSession(IConfiguration configuration, IEmbeddedDatabase? embedded)
    {
        Configuration = configuration;
        this.embedded = embedded;
    }

    public IConfiguration Configuration { get; }

    public bool IsEmbedded => embedded is not null;

    /// <summary>With its password.</summary>
    public string ConnectionString => Configuration[CliConfiguration.ConnectionKey]!;

    /// <summary>Host and database, never user or password.</summary>
    public string Description
    {
        get
        {
            var connection = DatabaseConnection.Parse(DatabaseConnection.Read(Configuration, maxPoolSize: 2), CliConfiguration.ConnectionKey);
            return $"{connection.Database} at {connection.Host}:{connection.Port}{(IsEmbedded ? " (embedded)" : "")}";
        }
    }

    /// <exception cref="EmbeddedPostgresException">The embedded database does not start.</exception>
    public static async Task<DatabaseSession> OpenAsync(CliContext context, CancellationToken cancellationToken)
    {
        var configuration = CliConfiguration.Build(context);
        if (DatabaseConnection.IsConfigured(configuration))
        {
            return new DatabaseSession(configuration, null);
        }

        return await StartAsync(context, configuration, new EmbeddedRequest(context.DataDirectory, new Notes(context.Console)), cancellationToken);
    }

    /// <summary>The embedded database, whatever is configured.</summary>
    /// <exception cref="EmbeddedPostgresException">It does not start.</exception>
    public static Task<DatabaseSession> StartEmbeddedAsync(
        CliContext context, Func<EmbeddedRequest, EmbeddedRequest> adjust, CancellationToken cancellationToken)
        => StartAsync(
            context,
            CliConfiguration.Build(context),
            adjust(new EmbeddedRequest(context.DataDirectory, new Notes(context.Console))),
            cancellationToken);

    private static async Task<DatabaseSession> StartAsync(
        CliContext context, IConfiguration configuration, EmbeddedRequest request, CancellationToken cancellationToken)
    {
        var database = await context.Environment.StartEmbedded(request, cancellationToken);
        return new DatabaseSession(
            new ConfigurationBuilder()
                .AddConfiguration(configuration)
                .AddInMemoryCollection(
                [
                    new(CliConfiguration.ConnectionKey, database.ConnectionString),
                    new("Database:MigrateAtStartup", "true"),
                    new(ProviderSettings.EmbeddedDatabaseKey, "true"),
                ])
                .Build(),
            database);
    }

    public ValueTask DisposeAsync() => embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

    private sealed class Notes(Output.CliConsole console) : IProgress<string>
    {
        public void Report(string value) => console.Note(value);
    }
}
