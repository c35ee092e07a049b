using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LexyHub.Core.Data;

/// <summary>The one data source of a process. It is made on first use, so that a host without a valid connection still
/// starts and answers with what is wrong.</summary>
public sealed class LexyHubDatabase(
    IConfiguration configuration, IOptions<DatabaseOptions> options, ILoggerFactory loggerFactory) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private NpgsqlDataSource? dataSource;

    /// <exception cref="DatabaseException">No connection is configured, or it is malformed.</exception>
    public NpgsqlDataSource DataSource
    {
        get
        {
            lock (gate)
            {
                return dataSource ??= Build();
            }
        }
    }

    /// <summary>An opened connection.</summary>
    /// <exception cref="DatabaseException">It is not configured, not reachable or refused.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await DataSource.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseErrors.Explain(e, DataSource) is { } explained)
        {
            throw explained;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (dataSource is not null)
        {
            await dataSource.DisposeAsync();
        }
    }

    private NpgsqlDataSource Build()
    {
        var builder = new NpgsqlDataSourceBuilder(DatabaseConnection.Read(configuration, options.Value.MaxPoolSize));
        builder.UseLoggerFactory(loggerFactory);
        builder.UseVector();

        // The pool's name in metrics, which else is its connection string.
        builder.Name = "lexyhub";

        // Statements of runs and requests; not each probe of the health and each reading of the gauges as a trace of its own.
        builder.ConfigureTracing(tracing => tracing
            .ConfigureCommandFilter(_ => Activity.Current is not null)
            .ConfigureBatchFilter(_ => Activity.Current is not null)
            .ConfigureCopyOperationFilter(_ => Activity.Current is not null)
            .EnablePhysicalOpenTracing(false));
        return builder.Build();
    }
}
