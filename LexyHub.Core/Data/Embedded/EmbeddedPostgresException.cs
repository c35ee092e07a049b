namespace LexyHub.Core.Data.Embedded;

/// <summary>The embedded PostgreSQL could not be started; the message says why and what to do.</summary>
public class EmbeddedPostgresException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Node.js or npm is missing or too old.</summary>
public sealed class NodeMissingException(string message) : EmbeddedPostgresException(message);

/// <summary>Another process has the data directory open.</summary>
public sealed class DataDirectoryInUseException(string directory, int? processId) : EmbeddedPostgresException(
    $"The data directory '{directory}' is in use by {(processId is { } id ? $"process {id}" : "another process")}. "
    + "Stop that process, or choose another directory with --data-dir.")
{
    /// <summary>Full path.</summary>
    public string Directory { get; } = directory;

    /// <summary>The process that opened the directory; null where it could not be told.</summary>
    public int? ProcessId { get; } = processId;
}
