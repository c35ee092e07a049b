namespace LexyHub.Core.Jobs;

/// <summary>A run as a whole failed for a reason that a person must solve.</summary>
/// <param name="code">Stable name of the problem.</param>
/// <param name="statusCode">500 not set up, 502 refused by a provider, 503 unreachable.</param>
/// <param name="message">What failed and what to do; no secret.</param>
/// <param name="inner">The cause, for the log.</param>
public sealed class JobException(string code, int statusCode, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public string Code { get; } = code;

    public int StatusCode { get; } = statusCode;
}

/// <summary>The run's lease went to another run: it may write nothing more.</summary>
public sealed class LeaseLostException(string job, long epoch)
    : Exception($"The run of {job} with epoch {epoch} has lost its lease; another run may hold it now.");
