using LexyHub.Cli.Hosting;
using LexyHub.Core.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;

namespace LexyHub.Cli.Serve;

/// <summary>Puts the web host of <c>lexyhub serve</c> together.</summary>
internal static class ServeHost
{
    // What JobRunner may take to close a run that has stopped, and a little more.
    private static readonly TimeSpan FinishTime = TimeSpan.FromSeconds(20);

    public static WebApplication Build(CliContext context, IConfiguration configuration, string[] urls, bool hasTimers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "lexyhub" });
        builder.Configuration.AddConfiguration(configuration);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls(urls);
        builder.Services.AddCommand(context, configuration, LogLevel.Information);

        // Heard only where there is a receiver; a probe is no trace of interest.
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddAspNetCoreInstrumentation(
            options => options.Filter = http => http.Request.Path != "/api/health"));
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.Services.AddSingleton<ApiHandler>();
        if (hasTimers)
        {
            builder.Services.AddHostedService<JobSchedule>();
        }

        // A lease outlives the longest batch, so this lets every running job come to the end of its batch.
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<JobOptions>>(
            (host, jobs) => host.ShutdownTimeout = jobs.Value.LeaseTimeToLive + FinishTime);

        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<ApiHandler>().HandleAsync);
        return app;
    }

    // The command starts and stops the host; signals are the process's (see StopSignals).
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
