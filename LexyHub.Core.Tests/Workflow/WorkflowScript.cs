using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace LexyHub.Core.Tests.Workflow;

/// <summary>Runs the workflow's script as a step of it does, with every file in a directory of its own.</summary>
internal sealed class WorkflowScript : IDisposable
{
    public const string Token = "s3cret-token.of~this+run=";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("lexyhub-workflow-");

    /// <summary>Beside what GitHub sets; null takes a variable away.</summary>
    public Dictionary<string, string?> Environment { get; } = new()
    {
        ["LEXYHUB_SERVICE_TOKEN"] = Token,
        ["GITHUB_RUN_ID"] = "4711",
        ["GITHUB_RUN_ATTEMPT"] = "2",
        ["GITHUB_ACTIONS"] = null,
        ["JOB_LOGS"] = null,
        ["MAX_CALLS"] = null,
    };

    public string Output { get; private set; } = "";

    public string Summary => Read("summary.md");

    public string RecordedArguments => Read("arguments.txt");

    /// <summary>Of a file in <c>.github/scripts</c>.</summary>
    public string Name { get; init; } = "run-background-jobs.sh";

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string? url, string endpoints, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [System.IO.Path.Combine(RepositoryRoot(), ".github/scripts", Name), .. arguments])
        {
            WorkingDirectory = directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["LEXYHUB_APP_URL"] = url,
                ["JOB_ENDPOINTS"] = endpoints,
                ["GITHUB_STEP_SUMMARY"] = System.IO.Path.Combine(directory.FullName, "summary.md"),
                ["no_proxy"] = "127.0.0.1,localhost",
            },
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Limit);
        Output = await output + await errors;
        return process.ExitCode;
    }

    /// <summary>Puts a program before the real one that writes down what it was called with.</summary>
    public void RecordArgumentsOf(string program)
    {
        var bin = directory.CreateSubdirectory("bin").FullName;
        var path = System.Environment.GetEnvironmentVariable("PATH");
        var recorder = System.IO.Path.Combine(bin, program);
        File.WriteAllText(recorder, $"#!/bin/bash\nprintf '%s\\n' \"$*\" >> '{directory.FullName}/arguments.txt'\nPATH='{path}' exec {program} \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(recorder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Environment["PATH"] = $"{bin}:{path}";
    }

    /// <summary>A kept file by its name, without the line end.</summary>
    public string Log(string name) => Read($"background-job-logs/{name}").TrimEnd('\n');

    public IReadOnlyList<string> LogNames()
        => [.. new DirectoryInfo(System.IO.Path.Combine(directory.FullName, "background-job-logs")).GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal)];

    /// <summary>All that a reader of the workflow could get to see.</summary>
    public string Everything()
        => string.Concat(directory.GetFiles("*", SearchOption.AllDirectories).Select(file => File.ReadAllText(file.FullName)).Prepend(Output));

    public void Dispose() => directory.Delete(recursive: true);

    private string Read(string name) => File.ReadAllText(System.IO.Path.Combine(directory.FullName, name));

    public static string RepositoryRoot([CallerFilePath] string thisFile = "")
        => System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(thisFile)!, "../.."));
}
