using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using LexyHub.Cli.Hosting;
using LexyHub.Cli.Serve;
using LexyHub.Core.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LexyHub.Cli.Commands;

/// <summary><c>lexyhub serve</c>: endpoints and timers in the foreground.</summary>
internal static class ServeCommand
{
    public static Command Create(CliEnvironment environment, GlobalOptions globals)
    {
        var urls = new Option<string>("--urls")
        {
            Description = "Addresses to listen on, separated by semicolons; port 0 takes any free one.",
            HelpName = "urls",
            DefaultValueFactory = _ => "http://127.0.0.1:7071",
        };
        urls.Validators.Add(result =>
        {
            foreach (var url in Split(result.GetValueOrDefault<string>()).Where(url => !IsHttp(url)))
            {
                result.AddError($"--urls '{url}' is no http:// address. TLS is for a proxy in front.");
            }
        });
        var noTimers = new Option<bool>("--no-timers") { Description = "Only the endpoints: no job runs by itself." };
        var command = new CliCommand(
            "serve",
            "Serves the endpoints below /api and runs the jobs on their schedules, until Ctrl-C.",
            "lexyhub serve",
            $"{ServiceTokens.SettingName}=… lexyhub serve --urls http://0.0.0.0:8080",
            "lexyhub serve --no-timers --database postgresql://user:password@host:6543/postgres",
            $"curl -X POST -H 'Authorization: Bearer …' http://127.0.0.1:7071/api/jobs/{JobCatalog.TrendAggregation}")
        {
            urls,
            noTimers,
        };
        command.Handle(environment, globals, (context, result, cancellationToken) =>
            RunAsync(context, Split(result.GetValue(urls)), !result.GetValue(noTimers), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, string[] urls, bool hasTimers, CancellationToken stopping)
    {
        await using var session = await DatabaseSession.OpenAsync(context, stopping);
        var (configuration, token) = WithToken(context, session);
        await using var app = ServeHost.Build(context, configuration, urls, hasTimers);
        if (session.IsEmbedded)
        {
            await app.Services.MigrateAsync(context, stopping);
        }

        try
        {
            await app.StartAsync(stopping);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new JobException("address-in-use", 500, $"Another process listens on {string.Join(", ", urls)} already. Choose another port with --urls http://127.0.0.1:<port>.", e);
        }

        Announce(context, app, configuration, session.Description, hasTimers, token);
        await stopping.WaitAsync();
        await app.StopAsync(CancellationToken.None);
        context.Console.Note("Stopped.");
        return ExitCode.Done;
    }

    // A newcomer's first call should work: on the embedded database, and only where a person reads it off the terminal
    // (a log would keep it), a token is made up for this process and shown once.
    private static (IConfiguration Configuration, string? Token) WithToken(CliContext context, DatabaseSession session)
    {
        if (!session.IsEmbedded || !context.Console.IsLive || HasToken(session.Configuration))
        {
            return (session.Configuration, null);
        }

        var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return (new ConfigurationBuilder().AddConfiguration(session.Configuration).AddInMemoryCollection([new(ServiceTokens.SettingName, token)]).Build(), token);
    }

    private static void Announce(
        CliContext context, WebApplication app, IConfiguration configuration, string database, bool hasTimers, string? token)
    {
        var hasToken = HasToken(configuration);
        var automation = app.Services.GetRequiredService<JobAutomation>();
        if (context.IsJson)
        {
            context.Console.Json(JsonSerializer.Serialize(new { urls = app.Urls, database, timers = hasTimers, token = hasToken }, JobJson.Options));
        }
        else
        {
            context.Console.Line($"Serving {string.Join(", ", app.Urls.Select(url => $"{url}/api"))}");
            context.Console.Line($"Database {database}");
            context.Console.Line(hasTimers ? $"Timers: {string.Join(", ", JobCatalog.All.Select(job => NextTime(job, automation, context.Time.GetUtcNow())))}" : "Timers: off");
        }

        if (token is not null)
        {
            context.Console.Note("No token is configured; one was made up for this process:");
            context.Console.Copyable($"  curl -X POST -H 'Authorization: Bearer {token}' {app.Urls.First()}/api/jobs/{JobCatalog.TrendAggregation}");
        }
        else if (!hasToken)
        {
            context.Console.Note($"No token is configured, so that every call but /api/health is refused. Set {ServiceTokens.SettingName}, for example: "
                + $"{ServiceTokens.SettingName}=$(openssl rand -hex 32) lexyhub serve");
        }
        else if (!context.IsJson)
        {
            context.Console.Line($"Token: {ServiceTokens.SettingName} is set");
        }
    }

    private static string NextTime(JobDefinition job, JobAutomation automation, DateTimeOffset now)
        => automation.IsOn(job) ? $"{job.Name} next at {job.NextDue(now):yyyy-MM-dd HH:mm} UTC" : $"{job.Name} off ({job.AutomationSetting})";

    private static bool HasToken(IConfiguration configuration)
        => (configuration[ServiceTokens.SettingName] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Length > 0;

    private static string[] Split(string? urls) => (urls ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // '+' and '*' stand for every address and are no host to Uri.
    private static bool IsHttp(string url)
        => Uri.TryCreate(url.Replace("//+", "//host", StringComparison.Ordinal).Replace("//*", "//host", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            && uri.Scheme == Uri.UriSchemeHttp
            && uri.AbsolutePath == "/"
            && IPEndPoint.MaxPort >= uri.Port;
}
