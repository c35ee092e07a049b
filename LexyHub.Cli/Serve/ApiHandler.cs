using LexyHub.Core.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace LexyHub.Cli.Serve;

/// <summary>Sends every request below <c>/api</c> to <see cref="JobEndpoint"/>, and its answer back as it is.</summary>
internal sealed class ApiHandler(JobEndpoint endpoint, IHostApplicationLifetime lifetime)
{
    private static readonly ApiResponse Nowhere = ApiResponse.Error(404, "There is nothing here. The jobs are below /api: GET /api/health, GET /api/jobs.");

    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path == "/" && HttpMethods.IsGet(request.Method))
        {
            context.Response.Redirect("/api/dashboard");
            return;
        }

        if (!request.Path.StartsWithSegments("/api", out var path))
        {
            await WriteAsync(context, Nowhere);
            return;
        }

        await WriteAsync(context, await endpoint.HandleAsync(
            ApiRequest.From(
                request.Method,
                path.Value?.TrimStart('/') ?? "",
                name => Header(request, name),
                request.Query.ToDictionary(pair => pair.Key, pair => pair.Value[^1] ?? "", StringComparer.Ordinal)) with
            {
                Body = request.Body,
            },
            lifetime.ApplicationStopping));
    }

    private static string? Header(HttpRequest request, string name)
        => request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    private static async Task WriteAsync(HttpContext context, ApiResponse response)
    {
        context.Response.StatusCode = response.StatusCode;
        foreach (var (name, value) in response.Headers)
        {
            context.Response.Headers[name] = value;
        }

        // A 304 has none, and Kestrel refuses to write even nothing there.
        if (response.Body.Length == 0)
        {
            return;
        }

        context.Response.ContentLength = response.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            // A caller that has hung up stops nothing, and is no error.
            await context.Response.Body.WriteAsync(response.Body, CancellationToken.None);
        }
    }
}
