using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using LexyHub.Cli;
using LexyHub.Cli.Output;
using LexyHub.Core.Jobs;
using LexyHub.Core.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Core.Tests.Cli;

/// <summary><c>lexyhub</c> within this process: its settings, its output, and a job in the place of every other.</summary>
internal sealed class CliHarness
{
    public const string Token = "a-token-of-the-tests";

    /// <param name="connectionString">Null: none is configured.</param>
    /// <param name="job">Takes the place of every job; null leaves the real ones.</param>
    /// <param name="time">The clock.</param>
    public CliHarness(string? connectionString, Func<JobContext, CancellationToken, Task<JobOutcome>>? job = null, TimeProvider? time = null)
    {
        Settings = new Dictionary<string, string?> { [ServiceTokens.SettingName] = $"an-older-token, {Token}" };
        if (connectionString is not null)
        {
            Settings["ConnectionStrings:LexyHub"] = connectionString;
        }

        Environment = new CliEnvironment(CliConsole.Plain(Out, Error), Path.GetTempPath())
        {
            Settings = Settings,
            Time = time ?? TimeProvider.System,
            ConfigureServices = services =>
            {
                if (job is not null)
                {
                    foreach (var name in JobCatalog.All.Select(known => known.Name))
                    {
                        services.AddKeyedSingleton<IJob>(name, new DelegateJob(job));
                    }
                }
            },
        };
    }

    public Dictionary<string, string?> Settings { get; }

    public CliEnvironment Environment { get; set; }

    public SharedWriter Out { get; } = new();

    public SharedWriter Error { get; } = new();

    public Task<int> RunAsync(params string[] args) => CliApplication.RunAsync(args, Environment, CancellationToken.None);

    public async Task<CliHarness> MigrateAsync()
    {
        Assert.Equal(ExitCode.Done, await RunAsync("migrate", "--set", "core"));
        return this;
    }

    public async Task<Served> ServeAsync(params string[] args)
    {
        var said = Out.ToString().Length;
        var stop = new CancellationTokenSource();
        var running = CliApplication.RunAsync(["serve", "--urls", "http://127.0.0.1:0", "--json", .. args], Environment, stop.Token);
        var line = await Eventually.FindAsync(
            () =>
            {
                var all = Out.ToString()[said..];
                return running.IsCompleted
                    ? throw new InvalidOperationException($"serve ended: {Error}")
                    : Task.FromResult(all.EndsWith('\n') ? all : null);
            },
            "serve announces itself");
        return new Served(new Uri((string)JsonNode.Parse(line)!["urls"]![0]!), running, stop);
    }

    private sealed class DelegateJob(Func<JobContext, CancellationToken, Task<JobOutcome>> run) : IJob
    {
        public Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken) => run(context, cancellationToken);
    }
}

/// <summary>A <c>lexyhub serve</c> that serves.</summary>
internal sealed class Served(Uri url, Task<int> running, CancellationTokenSource stop) : IAsyncDisposable
{
    private readonly HttpClient client = new() { BaseAddress = url };

    public Uri Url => url;

    public async Task<(int Status, string Body, HttpResponseMessage Response)> SendAsync(HttpMethod method, string path, string? token = CliHarness.Token)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        var response = await client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    public async Task<(int Status, JsonNode Body)> PostJobAsync()
    {
        var (status, body, _) = await SendAsync(HttpMethod.Post, $"/api/jobs/{JobCatalog.TrendAggregation}");
        return (status, JsonNode.Parse(body)!);
    }

    public async Task<int> StopAsync()
    {
        await stop.CancelAsync();
        return await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        client.Dispose();
        stop.Dispose();
    }
}

/// <summary>Keeps what is written, and may be read meanwhile.</summary>
internal sealed class SharedWriter : TextWriter
{
    private readonly StringBuilder text = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (text)
        {
            text.Append(value);
        }
    }

    public override void Write(string? value)
    {
        lock (text)
        {
            text.Append(value);
        }
    }

    public override string ToString()
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
