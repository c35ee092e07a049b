using Microsoft.Extensions.Hosting;

namespace LexyHub.Core.Jobs;

/// <summary>Makes a host's shutdown wait for the runs under way, whoever started them: a run that is told to stop ends
/// partial at its next batch, one that is cut off is only found abandoned later.</summary>
internal sealed class RunDrain(JobRunner runner) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => runner.DrainAsync(cancellationToken);
}
