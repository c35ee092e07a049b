using Microsoft.Extensions.Configuration;

namespace LexyHub.Core.Jobs;

/// <summary>Tells which jobs run by themselves. One whose automation is off can be run by hand as any other.</summary>
public sealed class JobAutomation(IConfiguration configuration)
{
    /// <returns>False where the job's timer does nothing, so that the job is never overdue either.</returns>
    public bool IsOn(JobDefinition job)
        => job.AutomationSetting is not { } setting || (bool.TryParse(configuration[setting], out var isOn) && isOn);
}
