using System.ComponentModel.DataAnnotations;

namespace LexyHub.Core.Http;

/// <summary>How often and how long a call to a service outside is tried; section <c>Http</c>.</summary>
public sealed class ResilientHttpOptions
{
    /// <summary>The first try included; 1 turns retries off.</summary>
    [Range(1, 10)]
    public int MaxAttempts { get; set; } = 4;

    /// <summary>For one try, its whole body included.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Before the second try; doubled before each further one.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Where doubling ends.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A service that asks for a longer wait is not waited for: its answer is passed on at once.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxRequestedWait { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest body, decompressed, in bytes. 2,048 vectors of 3,072 numbers take about 75 MB of JSON.</summary>
    [Range(1_024, 512 * 1_024 * 1_024)]
    public int MaxResponseBytes { get; set; } = 32 * 1_024 * 1_024;
}
