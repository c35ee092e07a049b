using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Jobs;

/// <summary>Section <c>Jobs</c>.</summary>
public sealed class JobOptions
{
    /// <summary>How often a running job renews its lease. The lease lives two heartbeats: so long a killed run blocks the next.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:10:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Azure cuts an HTTP response at 230 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:03:45")]
    public TimeSpan HttpBudget { get; set; } = TimeSpan.FromSeconds(200);

    /// <summary>Below <c>functionTimeout</c> in host.json (10 min).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "23:00:00")]
    public TimeSpan TimerBudget { get; set; } = TimeSpan.FromMinutes(9);

    /// <summary>The lease's time to live.</summary>
    public TimeSpan LeaseTimeToLive => 2 * Heartbeat;
}
