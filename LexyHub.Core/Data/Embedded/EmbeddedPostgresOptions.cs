namespace LexyHub.Core.Data.Embedded;

/// <summary>How <see cref="EmbeddedPostgres"/> starts.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>Made where it is missing. Null keeps everything in memory, gone with the process.</summary>
    public string? DataDirectory { get; init; } = ".lexyhub";

    /// <summary>On 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// Null makes a random one for each start, so that other users of this machine stay out. Empty lets everyone on this machine in.
    /// </summary>
    public string? Password { get; init; }

    /// <summary>Told what takes long: the npm install of the first use, the making of a database. Never required.</summary>
    public IProgress<string>? Progress { get; init; }

    /// <summary>Of the first answer, on a machine under load; the npm install is not counted.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Where the npm packages are kept, shared by all databases of a user. Null is the user's own data directory.</summary>
    public string? PackageDirectory { get; init; }

    /// <summary>Directories in which <c>node</c> and <c>npm</c> are looked for. Null is the environment variable <c>PATH</c>.</summary>
    public string? SearchPath { get; init; }
}
