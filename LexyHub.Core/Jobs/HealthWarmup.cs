using Microsoft.Extensions.Hosting;

namespace LexyHub.Core.Jobs;

/// <summary>Asks for the health once when a host starts: what is compiled and connected then does not count against the first probe's second.</summary>
internal sealed class HealthWarmup(DatabaseHealth health) : BackgroundService
{
    // Whatever is wrong is the answer to the probes; it may not end the host.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        => await ((Task)health.IsHealthyAsync(stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
