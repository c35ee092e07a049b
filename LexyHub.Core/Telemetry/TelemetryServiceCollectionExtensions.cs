using System.Reflection;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LexyHub.Core.Telemetry;

/// <summary>Sends spans, metrics and logs to where the settings name a receiver.</summary>
public static class TelemetryServiceCollectionExtensions
{
    private const string ServiceName = "lexyhub-jobs";
    private const string AzureSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    // Any of them asks for OTLP; the exporter reads them itself.
    private static readonly string[] OtlpSettings =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    /// <summary>Without a receiver nothing is collected, and nothing is paid for it.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="configuration">The host's: OpenTelemetry's own settings, and Azure Monitor's connection string.</param>
    /// <param name="withLogs">False where the host sends the log to Azure Monitor itself, as Azure Functions does. Over OTLP it always goes.</param>
    /// <returns>True where there is a receiver.</returns>
    public static bool AddLexyHubTelemetry(this IServiceCollection services, IConfiguration configuration, bool withLogs)
    {
        var hasOtlp = OtlpSettings.Any(name => IsSet(configuration, name));
        var azure = IsSet(configuration, AzureSetting) ? configuration[AzureSetting] : null;
        if (!hasOtlp && azure is null)
        {
            return false;
        }

        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService(ServiceName, serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString(3))
                .AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing
                .AddSource(JobTracing.SourceName, ModelTelemetry.Name, "System.Net.Http")
                .AddNpgsql())
            .WithMetrics(metrics => metrics.AddMeter(JobMetrics.MeterName, ModelTelemetry.Name, "Npgsql", "System.Runtime"));
        if (withLogs || hasOtlp)
        {
            telemetry.WithLogging(_ => { }, options =>
            {
                options.IncludeScopes = true;
                options.IncludeFormattedMessage = true;
            });
        }

        if (hasOtlp)
        {
            telemetry.UseOtlpExporter();
        }

        if (azure is not null)
        {
            SendToAzure(telemetry, azure, withLogs);
        }

        return true;
    }

    private static void SendToAzure(OpenTelemetryBuilder telemetry, string connectionString, bool withLogs)
    {
        telemetry
            .WithTracing(tracing => tracing.AddAzureMonitorTraceExporter(options => options.ConnectionString = connectionString))
            .WithMetrics(metrics => metrics.AddAzureMonitorMetricExporter(options => options.ConnectionString = connectionString));
        if (withLogs)
        {
            telemetry.WithLogging(logging => logging.AddAzureMonitorLogExporter(options => options.ConnectionString = connectionString));
        }
    }

    private static bool IsSet(IConfiguration configuration, string name) => !string.IsNullOrWhiteSpace(configuration[name]);
}
