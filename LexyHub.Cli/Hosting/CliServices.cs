using LexyHub.Core;
using LexyHub.Core.Data;
using LexyHub.Core.Imports;
using LexyHub.Core.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace LexyHub.Cli.Hosting;

/// <summary>The one place where the commands' services are put together.</summary>
internal static class CliServices
{
    private const string LogFormatKey = "Logging:Console:FormatterName";

    public static IServiceCollection AddCommand(
        this IServiceCollection services, CliContext context, IConfiguration configuration, LogLevel logLevel)
    {
        services.AddSingleton(context.Environment.Time);
        services.AddLogging(logging =>
        {
            // What is not shown may still be sent to a receiver of logs.
            logging.SetMinimumLevel(logLevel == LogLevel.None ? LogLevel.Information : logLevel);
            if (logLevel == LogLevel.None)
            {
                logging.AddFilter<ConsoleLoggerProvider>(null, LogLevel.None);
            }

            logging.AddFilter("Microsoft", LogLevel.Warning);
            logging.AddFilter("System.Net.Http", LogLevel.Warning);
            logging.AddFilter("Npgsql", LogLevel.Warning);
            logging.AddFilter("Polly", LogLevel.Warning);
            if (string.Equals(configuration[LogFormatKey], ConsoleFormatterNames.Json, StringComparison.OrdinalIgnoreCase))
            {
                logging.AddJsonConsole(console =>
                {
                    console.IncludeScopes = true;
                    console.UseUtcTimestamp = true;
                    console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                });
                return;
            }

            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = !context.Verbose;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff'Z' ";
                console.ColorBehavior = context.Console.IsLive && context.Console.Error.Profile.Capabilities.ColorSystem != Spectre.Console.ColorSystem.NoColors
                    ? LoggerColorBehavior.Default
                    : LoggerColorBehavior.Disabled;
            });
        });
        services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        services.AddLexyHub();
        services.AddLexyHubTelemetry(configuration, withLogs: true);
        services.AddSingleton<KeywordImporter>();
        services.AddSingleton<ListingImporter>();
        services.AddSingleton<SignalImporter>();
        context.Environment.ConfigureServices(services);
        return services;
    }

    /// <summary>Services for a command that is no host. Its log is shown only where asked for: the command says itself what is wrong.</summary>
    public static ServiceProvider Build(CliContext context, DatabaseSession session)
    {
        var services = new ServiceCollection()
            .AddSingleton(session.Configuration)
            .AddCommand(context, session.Configuration, context.Verbose ? LogLevel.Information : LogLevel.None)
            .BuildServiceProvider();

        // No host starts these. Disposal goes the other way round: the last readings are taken before the meters are gone.
        services.GetRequiredService<JobMetrics>();
        services.GetService<MeterProvider>();
        services.GetService<TracerProvider>();
        return services;
    }

    /// <summary>Applies pending migrations: to the embedded database always, to another where its settings say so.</summary>
    public static async Task MigrateAsync(this IServiceProvider services, CliContext context, CancellationToken cancellationToken)
    {
        if (!services.GetRequiredService<IOptions<DatabaseOptions>>().Value.MigrateAtStartup)
        {
            return;
        }

        var report = await services.GetRequiredService<Migrator>().ApplyAsync([], cancellationToken);
        if (report.Applied.Count > 0)
        {
            context.Console.Note($"Applied {report.Applied.Count} migrations.");
        }
    }
}
