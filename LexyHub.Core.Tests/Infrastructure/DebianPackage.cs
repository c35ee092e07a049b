namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>A program that the tests need of the machine, installed by apt-get where they run as root.</summary>
internal static class DebianPackage
{
    private static readonly SemaphoreSlim OneInstall = new(1);

    /// <returns>The path of the first of <paramref name="programs"/> that there is.</returns>
    /// <param name="package">That has it on Debian.</param>
    /// <param name="variable">An environment variable that names the program; it goes first.</param>
    /// <param name="programs">Names, looked for on the PATH and in /usr/sbin.</param>
    /// <exception cref="InvalidOperationException">It is missing; the message says what to install.</exception>
    public static async Task<string> FindAsync(string package, string variable, params string[] programs)
    {
        await OneInstall.WaitAsync();
        try
        {
            if (Find(variable, programs) is { } found)
                return found;
            if (Environment.UserName == "root" && File.Exists("/usr/bin/apt-get"))
            {
                await ChildProcess.RunAsSelfAsync("/", "apt-get", "update", "-q");
                await ChildProcess.RunAsSelfAsync(
                    "/", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends", package);
            }
            return Find(variable, programs) ?? throw new InvalidOperationException(
                $"{programs[0]} was not found on the PATH or in /usr/sbin: install the package '{package}', or name it by {variable}.");
        }
        finally
        {
            OneInstall.Release();
        }
    }

    private static string? Find(string variable, string[] programs)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").ToList();
        return programs.SelectMany(program => directories.Select(path => Path.Combine(path, program)))
            .Prepend(Environment.GetEnvironmentVariable(variable) ?? "")
            .FirstOrDefault(File.Exists);
    }
}
