using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LexyHub.Core.Tests.Infrastructure;

/// <summary>A web app for a service of the outside world; the benchmarks build theirs by it too.</summary>
internal static class LoopbackApp
{
    /// <returns>Not started; on a free port of loopback, without a log. Once it is started, <see cref="WebApplication.Urls"/> has its
    /// address alone, without a slash at its end.</returns>
    public static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder.Build();
    }
}
