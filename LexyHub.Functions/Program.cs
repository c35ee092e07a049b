using LexyHub.Core;
using LexyHub.Core.Telemetry;
using LexyHub.Functions;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.Services.AddLexyHub();

// The host sends the worker's log to Azure Monitor itself.
builder.Services.AddLexyHubTelemetry(builder.Configuration, withLogs: false);
builder.Services.AddSingleton<HttpAdapter>();
await builder.Build().RunAsync();
