using System.Globalization;

namespace LexyHub.Core.Data.Embedded;

/// <summary>The Node.js of this machine, with its npm.</summary>
internal sealed record NodeRuntime(string Node, string Npm)
{
    public const int MinimumMajor = 20;

    /// <param name="searchPath">As the environment variable <c>PATH</c>, which null stands for.</param>
    /// <exception cref="NodeMissingException">Node or npm is missing, or Node is too old.</exception>
    public static async Task<NodeRuntime> FindAsync(string? searchPath, CancellationToken cancellationToken)
    {
        searchPath ??= Environment.GetEnvironmentVariable("PATH") ?? "";
        var node = Find(searchPath, OperatingSystem.IsWindows() ? "node.exe" : "node")
            ?? throw new NodeMissingException($"Node.js was not found on the PATH. {WhatToDo}");
        var npm = Find(searchPath, OperatingSystem.IsWindows() ? "npm.cmd" : "npm")
            ?? throw new NodeMissingException($"npm, which comes with Node.js, was not found on the PATH. {WhatToDo}");

        var (exitCode, output) = await ToolProcess.RunAsync(node, ["--version"], workingDirectory: null, cancellationToken);
        var version = output.Trim();
        if (exitCode != 0 || MajorOf(version) is not { } major)
            throw new NodeMissingException($"'{node} --version' failed: {version}. {WhatToDo}");
        if (major < MinimumMajor)
            throw new NodeMissingException($"'{node}' is Node.js {version}, too old. {WhatToDo}");
        return new NodeRuntime(node, npm);
    }

    private static string WhatToDo =>
        $"The embedded PostgreSQL needs Node.js {MinimumMajor} or newer (https://nodejs.org/en/download, or your system's "
        + "packages 'nodejs' and 'npm'). Install it, or name a PostgreSQL of your own with --database or ConnectionStrings__LexyHub.";

    private static int? MajorOf(string version) =>
        version.StartsWith('v') && int.TryParse(
            version[1..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : null;

    private static string? Find(string searchPath, string file) => searchPath
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(directory => Path.Combine(directory, file))
        .FirstOrDefault(File.Exists);
}
