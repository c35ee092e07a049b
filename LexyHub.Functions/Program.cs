using LexyHub.Core;
using LexyHub.Functions;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.Services.AddLexyHub();
builder.Services.AddSingleton<HttpAdapter>();
await builder.Build().RunAsync();
