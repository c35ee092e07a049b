using LexyHub.Core.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexyHub.Core.Jobs;

/// <summary>Applies pending migrations when a host starts, where <see cref="DatabaseOptions.MigrateAtStartup"/> says so.</summary>
internal sealed class StartupMigration(
    Migrator migrator, IOptions<DatabaseOptions> options, ILogger<StartupMigration> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.MigrateAtStartup)
        {
            return;
        }

        try
        {
            var report = await migrator.ApplyAsync([], cancellationToken);
            if (report.Applied.Count > 0)
            {
                Log.Migrated(logger, report.Applied.Count, string.Join(", ", report.Applied));
            }
        }
        catch (Exception e) when (DatabaseErrors.Explain(e) is not null)
        {
            // A host that starts can say what is wrong; one that does not start only restarts.
            Log.MigrationFailed(logger, e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
