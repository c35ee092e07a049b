using System.Text;
using LexyHub.Core.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace LexyHub.Cli.Serve;

/// <summary>Sends every request below <c>/api</c> to <see cref="JobEndpoint"/>, and its answer back as it is.</summary>
internal sealed class ApiHandler(JobEndpoint endpoint, IHostApplicationLifetime lifetime)
{
    private const string Nowhere = """{"error":"There is nothing here. The jobs are below /api: GET /api/health, GET /api/jobs."}""";

    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.Path.StartsWithSegments("/api", out var path))
        {
            await WriteAsync(context, 404, Nowhere);
            return;
        }

        var response = await endpoint.HandleAsync(
            new ApiRequest(request.Method, path.Value?.TrimStart('/') ?? "")
            {
                Authorization = Header(request, "Authorization"),
                IdempotencyKey = Header(request, "Idempotency-Key"),
                Query = request.Query.ToDictionary(pair => pair.Key, pair => pair.Value[^1] ?? "", StringComparer.Ordinal),
            },
            lifetime.ApplicationStopping);
        foreach (var (name, value) in response.Headers)
        {
            context.Response.Headers[name] = value;
        }

        await WriteAsync(context, response.StatusCode, response.Body);
    }

    private static string? Header(HttpRequest request, string name)
        => request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    private static async Task WriteAsync(HttpContext context, int statusCode, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = ApiResponse.ContentType;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            // A caller that has hung up stops nothing, and is no error.
            await context.Response.Body.WriteAsync(bytes, CancellationToken.None);
        }
    }
}
