using System.Net;
using LexyHub.Core.Jobs;
using LexyHub.Core.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Hosting;

namespace LexyHub.Functions;

/// <summary>Between the worker's request and response and those of <see cref="JobEndpoint"/>, which decides everything.</summary>
public sealed class HttpAdapter(JobEndpoint endpoint, IHostApplicationLifetime lifetime)
{
    /// <param name="request">As the trigger gave it.</param>
    /// <param name="path">Below the route prefix, for example <c>jobs/trend-aggregation</c>.</param>
    public async Task<HttpResponseData> HandleAsync(HttpRequestData request, string path)
    {
        // The host's shutdown, not the invocation's token: that one is cancelled too when the caller hangs up.
        var answer = await endpoint.HandleAsync(
            ApiRequest.From(
                request.Method,
                path,
                name => Header(request, name),
                request.Query.AllKeys.OfType<string>().ToDictionary(name => name, name => request.Query.GetValues(name)![^1])) with
            {
                Body = request.Body,

                // The host's own span, which lies between the caller's and the run's.
                Trace = TraceOf(request.FunctionContext),
            },
            lifetime.ApplicationStopping);

        var response = request.CreateResponse((HttpStatusCode)answer.StatusCode);
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers.Add(name, value);
        }

        await response.Body.WriteAsync(answer.Body);
        return response;
    }

    internal static TraceParent TraceOf(FunctionContext context) => new(context.TraceContext.TraceParent, context.TraceContext.TraceState);

    private static string? Header(HttpRequestData request, string name)
        => request.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
